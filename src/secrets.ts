/** Replaces every secret in a text, in each spelling that text leaves in. */
export type Mask = (text: string) => string;

const MASKED = '••••';
/** Shorter values would mask ordinary words; they are no secrets worth the name. */
const SHORTEST = 4;
/** Letters of base64 that tell a secret within a longer text from chance. */
const SHORTEST_PIECE = 8;
/** Of one owner: a text may still speak of the values before the last ones. */
const SETS_KEPT = 4;
/** Files that are loaded again bring new ones. */
const MOST_OWNERS = 500;

/**
 * Masks each secret as it is, escaped in JSON or a shell's quotes, percent- and form-encoded, in
 * base64, alone or within more, and as UTF-8 bytes read one by one. Secrets that overlap are masked as one.
 */
export const createMask = (secrets: Iterable<string>): Mask => createSecrets(secrets).mask;

/** Secrets that are known at load, and those that come while a gateway runs. */
export interface Secrets {
  /** Masks whatever is known when it is called. */
  readonly mask: Mask;
  /**
   * Adds what came last to what an owner, such as a session, has given. Of each owner the last few
   * sets are kept, so that no number of renewals fills the memory.
   */
  learn(owner: object, secrets: Iterable<string>): void;
}

export function createSecrets(known: Iterable<string>): Secrets {
  const find = finderOf(known);
  const learned = new Map<object, readonly (readonly string[])[]>();
  let later: readonly string[] = [];

  function mask(text: string): string {
    const found = find(text);
    // They are few and long, and change too often to be made an expression of.
    for (const spelling of later) {
      for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + 1))
        found.push([at, at + spelling.length]);
    }
    return found.length === 0 ? text : masked(text, found);
  }

  return {
    mask,
    learn(owner, secrets) {
      const sets = [...(learned.get(owner) ?? []), allSpellings(secrets)].slice(-SETS_KEPT);
      // Put anew, so that the first of all is the one that is longest ago.
      learned.delete(owner);
      learned.set(owner, sets);
      const [oldest] = learned.keys();
      if (learned.size > MOST_OWNERS && oldest !== undefined) learned.delete(oldest);
      later = [...new Set([...learned.values()].flat(2))];
    },
  };
}

type Range = readonly [start: number, end: number];

/** Finds where secrets stand in a text. */
function finderOf(secrets: Iterable<string>): (text: string) => Range[] {
  const spellings = allSpellings(secrets);
  if (spellings.length === 0) return () => [];
  const longestFirst = spellings.sort((one, other) => other.length - one.length);
  const alternatives = longestFirst.map(escapeExpression).join('|');
  const any = new RegExp(alternatives);
  // Looked ahead for, so that a second secret is found that begins inside the first.
  const every = new RegExp(`(?=(${alternatives}))`, 'g');
  return (text) =>
    any.test(text)
      ? Array.from(text.matchAll(every), (match): Range => {
          const secret = match[1] as string;
          return [match.index, match.index + secret.length];
        })
      : [];
}

function masked(text: string, found: Range[]): string {
  let out = '';
  let end = 0;
  for (const [from, to] of found.sort(([one], [other]) => one - other)) {
    if (from >= end) out += text.slice(end, from) + MASKED;
    end = Math.max(end, to);
  }
  return out + text.slice(end);
}

function allSpellings(secrets: Iterable<string>): string[] {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST) continue;
    for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  }
  return [...spellings];
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
    ...piecesOf(utf8),
  ];
}

/** What a secret makes of base64 wherever it stands in the text, as in `user:secret`. */
function piecesOf(utf8: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), utf8]);
    // The letters at both ends depend on what stands beside the secret.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    if (to - from < SHORTEST_PIECE) return [];
    const piece = shifted.toString('base64').slice(from, to);
    return [piece, ...encodingsOf(piece), piece.replaceAll('+', '-').replaceAll('/', '_')];
  });
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
