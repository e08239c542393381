/**
 * The registered name of a media type that is also known by others, without its parameters: clients
 * compare names exactly.
 */
export function registeredType(essence: string): string {
  const type = essence.trim().toLowerCase();
  return REGISTERED.get(type) ?? type;
}

const REGISTERED: ReadonlyMap<string, string> = new Map([
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/x-pn-wav', 'audio/wav'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-mp3', 'audio/mpeg'],
  ['audio/x-mpeg', 'audio/mpeg'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/x-aac', 'audio/aac'],
  ['audio/x-aiff', 'audio/aiff'],
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['image/x-bmp', 'image/bmp'],
  ['image/x-icon', 'image/vnd.microsoft.icon'],
  ['image/svg', 'image/svg+xml'],
  ['application/x-pdf', 'application/pdf'],
  ['application/x-zip-compressed', 'application/zip'],
]);

/** Types that say nothing of the bytes. */
export const saysNothing = (essence: string): boolean =>
  essence === '' || essence === 'application/octet-stream' || essence === 'binary/octet-stream';

/** The type that bytes show by how they begin; undefined when they show none. */
export function sniffedType(bytes: Buffer): string | undefined {
  for (const [type, marks] of MARKS) {
    if (marks.every(([at, mark]) => bytes.subarray(at, at + mark.length).equals(mark))) return type;
  }
  return undefined;
}

const mark = (at: number, text: string): readonly [number, Buffer] => [
  at,
  Buffer.from(text, 'latin1'),
];

const MARKS: readonly (readonly [string, readonly (readonly [number, Buffer])[]])[] = [
  ['image/png', [mark(0, '\x89PNG\r\n\x1a\n')]],
  ['image/jpeg', [mark(0, '\xff\xd8\xff')]],
  ['image/gif', [mark(0, 'GIF87a')]],
  ['image/gif', [mark(0, 'GIF89a')]],
  ['image/webp', [mark(0, 'RIFF'), mark(8, 'WEBP')]],
  ['image/avif', [mark(4, 'ftypavif')]],
  ['audio/wav', [mark(0, 'RIFF'), mark(8, 'WAVE')]],
  ['audio/mpeg', [mark(0, 'ID3')]],
  ['audio/ogg', [mark(0, 'OggS')]],
  ['audio/flac', [mark(0, 'fLaC')]],
  ['application/pdf', [mark(0, '%PDF-')]],
];

/** What bytes are: by what is said of them, or by how they begin where nothing is said. */
export function typeOfBytes(bytes: Buffer, essence: string): string {
  if (!saysNothing(essence)) return registeredType(essence);
  return sniffedType(bytes) ?? 'application/octet-stream';
}
