/**
 * A thread that reads answers, so that the one that serves can go on serving.
 *
 * @import { ReadingJob, ReadingReply } from './reading.ts'
 * @import { ReadFormat } from './read-format.ts'
 */
import { parentPort, workerData } from 'node:worker_threads';

/** More operations than a file has; whoever has more reads some schemas again. */
const MOST_READERS = 100;

// In a clone nothing is compiled, and a thread starts without the loader that reads TypeScript.
if (workerData.isSource) (await import('tsx/esm/api')).register();
const { compileFormat } = await import('./format.ts');
const { rootNameOf } = await import('./root.ts');

/** @type {Map<string, ReadFormat>} */
const readers = new Map();

/** @param {ReadingJob['reading']} reading */
async function readerOf(reading) {
  const key = JSON.stringify(reading);
  const known = readers.get(key);
  if (known !== undefined) return known;
  const compiled = await compileFormat(reading);
  if (!('read' in compiled)) throw new TypeError(compiled.why);
  if (readers.size >= MOST_READERS) readers.clear();
  readers.set(key, compiled.read);
  return compiled.read;
}

/**
 * @param {ReadingJob} job
 * @returns {Promise<ReadingReply>}
 */
async function replyTo({ id, reading, bytes, contentType }) {
  try {
    const read = await readerOf(reading);
    const tree = read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), contentType);
    // Text is taken over faster than the tree would be.
    return { id, json: JSON.stringify(tree), root: rootNameOf(tree) };
  } catch (thrown) {
    const error = /** @type {Error} */ (thrown);
    return { id, why: error.message, isFault: error.name !== 'Error' };
  }
}

parentPort?.on('message', async (/** @type {ReadingJob} */ job) => {
  parentPort?.postMessage(await replyTo(job));
});
