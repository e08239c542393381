/** Tokens of texts, as the encoding o200k_base has them; other models count a little differently. */
export interface TokenCounter {
  count(text: string): number;
  /** How many characters of the texts, one after the other, hold `limit` tokens; undefined when all do not. */
  exceedsAt(texts: readonly string[], limit: number): number | undefined;
}

export const TOKEN_ENCODING = 'o200k_base';

/**
 * The encoder takes quadratic time for a word of endless length, so that texts are counted in pieces:
 * each seam adds one token at most.
 */
const PIECE = 512;
/** Words whose tokens are kept; what upstreams send shall not fill the memory. */
const KEPT_WORDS = 5_000;

let loading: Promise<TokenCounter> | undefined;

/** Loaded when it is asked for first, since its tables take half a second and a hundred megabytes. */
export function tokenCounter(): Promise<TokenCounter> {
  loading ??= load();
  return loading;
}

async function load(): Promise<TokenCounter> {
  const { countTokens, setMergeCacheSize } = await import('gpt-tokenizer/encoding/o200k_base');
  setMergeCacheSize(KEPT_WORDS);
  // `<|endoftext|>` in an answer is text like any other.
  const plain = { disallowedSpecial: new Set<string>() };
  const count = (text: string): number => countTokens(text, plain);
  function exceedsAt(texts: readonly string[], limit: number): number | undefined {
    let tokens = 0;
    let characters = 0;
    for (const text of texts) {
      for (const piece of piecesOf(text)) {
        tokens += count(piece);
        if (tokens > limit) return characters;
        characters += piece.length;
      }
    }
    return undefined;
  }
  return {
    count: (text) => [...piecesOf(text)].reduce((sum, piece) => sum + count(piece), 0),
    exceedsAt,
  };
}

function* piecesOf(text: string): Iterable<string> {
  for (let start = 0; start < text.length; ) {
    const end = codePointEnd(text, start + PIECE);
    yield text.slice(start, end);
    start = end;
  }
}

/** The end of the code points that lie wholly before `end`. */
export function codePointEnd(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
