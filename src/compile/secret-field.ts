/** Whether a field of this name or title asks for what opens something. */
export function looksSecret(text: string): boolean {
  const words = text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.some((word, at) => {
    const pair = `${word} ${words[at + 1] ?? ''}`;
    return SECRETS.has(word) || PAIRS.has(pair);
  });
}

const SECRETS = new Set(
  'password passwd pwd passphrase passcode secret token apikey credential credentials pin cvv cvc ssn otp'.split(
    ' ',
  ),
);

const PAIRS = new Set([
  'pass word',
  'api key',
  'access key',
  'private key',
  'secret key',
  'card number',
  'credit card',
]);
