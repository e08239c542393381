// What the bare loops share: undici's dispatch with one handler that collects the answer, and the
// reading of a request's body into one buffer.
import { Pool } from 'undici';

export const openPool = (origin, connections = 64, pipelining = 1) =>
  new Pool(origin, { connections: Number(connections), pipelining: Number(pipelining) });

/** Calls the consumed API; `done` gets status, content type and body. */
export function collect(pool, options, done, failed) {
  pool.dispatch(options, new Collector(done, failed));
}

/** Reads a body whole; `done` gets one buffer. */
export function readBody(request, done) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
}

class Collector {
  #done;
  #failed;
  #status;
  #type;
  #chunks = [];

  constructor(done, failed) {
    this.#done = done;
    this.#failed = failed;
  }

  onRequestStart() {}

  onResponseStart(_, status, headers) {
    this.#status = status;
    this.#type = headers['content-type'];
  }

  onResponseData(_, chunk) {
    this.#chunks.push(chunk);
  }

  onResponseEnd() {
    const chunks = this.#chunks;
    this.#done(this.#status, this.#type, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  }

  onResponseError(_, error) {
    this.#failed(error);
  }
}
