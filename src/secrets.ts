/** Replaces every secret in a text, in each spelling that text leaves in. */
export type Mask = (text: string) => string;

const MASKED = '••••';
/** Shorter values would mask ordinary words; they are no secrets worth the name. */
const SHORTEST = 4;

/** Plain, JSON-escaped, percent-encoded, form-encoded and base64 spellings are all masked, longest first. */
export function createMask(secrets: Iterable<string>): Mask {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST) continue;
    for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  }
  if (spellings.size === 0) return (text) => text;
  const longestFirst = [...spellings].sort((one, other) => other.length - one.length);
  const expression = new RegExp(longestFirst.map(escapeExpression).join('|'), 'g');
  return (text) => text.replace(expression, MASKED);
}

function spellingsOf(secret: string): string[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...encodingsOf(secret),
    base64,
    base64.replace(/=+$/, ''),
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
