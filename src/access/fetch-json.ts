export interface JsonRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface JsonAnswer {
  readonly status: number;
  /** undefined when the body is no JSON. */
  readonly body: unknown;
}

/** Asks an authorization server. Rejects when there is no answer. */
export type FetchJson = (url: string, request?: JsonRequest) => Promise<JsonAnswer>;

export interface FetchJsonOptions {
  readonly timeoutMs?: number;
  readonly limitBytes?: number;
}

/** Follows no redirect: where credentials and keys come from is said by the file and the issuer alone. */
export function createFetchJson(options: FetchJsonOptions = {}): FetchJson {
  const { timeoutMs = 10_000, limitBytes = 1024 * 1024 } = options;
  return async function fetchJson(url, { signal, ...request } = {}) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, {
      ...request,
      headers: { accept: 'application/json', ...request.headers },
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await readText(response, limitBytes);
    return { status: response.status, body: parse(text) };
  };
}

async function readText(response: Response, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limitBytes) throw new Error(`The answer has more than ${limitBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
