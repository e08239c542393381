/** Nesting that any tree made of an answer may have. Writers and clients overflow beyond some more. */
export const DEEPEST = 200;

/** Values that any tree made of an answer may hold; a tree of them takes some hundred megabytes. */
const MOST_VALUES = 2_000_000;

const MEBIBYTE = 1024 * 1024;

/** An answer that is not what its format says. The reason never holds a piece of the answer. */
export const unreadable = (format: string, reason: string): Error =>
  new Error(`The answer cannot be read as ${format}: ${reason}.`);

export const tooDeep = (format: string): Error =>
  unreadable(format, `it is nested more than ${DEEPEST} levels deep`);

/** Counts the values of one answer; the function it gives throws past the limit. */
export function createCount(format: string, most: number = MOST_VALUES): (values?: number) => void {
  let count = 0;
  return function countValues(values = 1) {
    count += values;
    if (count > most) {
      throw unreadable(format, `it holds more than ${most.toLocaleString('en')} values`);
    }
  };
}

/**
 * Refuses what would keep the process busy for too long: these formats are read in one go, and the
 * libraries that read them take some seconds for the sizes allowed.
 */
export function checkSize(format: string, bytes: Buffer, mebibytes: number): void {
  if (bytes.length > mebibytes * MEBIBYTE) {
    throw unreadable(
      format,
      `it is larger than the ${mebibytes} MiB that can be read as ${format}`,
    );
  }
}
