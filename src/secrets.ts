/** Replaces every secret in a text, in each spelling that text leaves in. */
export type Mask = (text: string) => string;

const MASKED = '••••';
/** Shorter values would mask ordinary words; they are no secrets worth the name. */
const SHORTEST = 4;

/**
 * Masks each secret as it is, escaped in JSON or a shell's quotes, percent- and form-encoded, in
 * base64, and as UTF-8 bytes read one by one. Secrets that overlap are masked as one.
 */
export function createMask(secrets: Iterable<string>): Mask {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST) continue;
    for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  }
  if (spellings.size === 0) return (text) => text;
  const longestFirst = [...spellings].sort((one, other) => other.length - one.length);
  const alternatives = longestFirst.map(escapeExpression).join('|');
  const any = new RegExp(alternatives);
  // Looked ahead for, so that a second secret is found that begins inside the first.
  const every = new RegExp(`(?=(${alternatives}))`, 'g');
  return (text) => (any.test(text) ? masked(text, every) : text);
}

function masked(text: string, every: RegExp): string {
  let out = '';
  let end = 0;
  for (const match of text.matchAll(every)) {
    const secret = match[1] as string;
    if (match.index >= end) out += text.slice(end, match.index) + MASKED;
    end = Math.max(end, match.index + secret.length);
  }
  return out + text.slice(end);
}

function spellingsOf(secret: string): string[] {
  const utf8 = Buffer.from(secret, 'utf8');
  const base64 = utf8.toString('base64');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", `'\\''`),
    utf8.toString('latin1'),
    ...encodingsOf(secret),
    base64,
    base64.replace(/=+$/, ''),
    utf8.toString('base64url'),
    ...encodingsOf(base64),
  ];
}

/** As it stands in a URL or a form: encoders differ in `!'()*~`, in the space, and in the case of digits. */
function encodingsOf(text: string): string[] {
  let lenient: string;
  try {
    lenient = encodeURIComponent(text);
  } catch {
    // Half of a surrogate pair: it cannot leave in a URL either.
    return [];
  }
  const strict = lenient.replace(/[!'()*]/g, percent);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const upper = [lenient, strict, strict.replaceAll('%20', '+'), form];
  return [...upper, ...upper.map(lowerDigits)];
}

const percent = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;

const lowerDigits = (encoded: string): string =>
  encoded.replace(/%[\dA-F]{2}/g, (digits) => digits.toLowerCase());

const escapeExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
