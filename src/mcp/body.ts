import type { IncomingMessage } from 'node:http';
import { readMediaType } from './media.ts';
import { PARSE_ERROR, RpcError, SERVER_ERROR } from './rpc-error.ts';

/**
 * The JSON value of a request's body, which nobody has read yet.
 * @throws RpcError with status 413, 415 or 400.
 */
export async function readJsonBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  requireJson(req);
  const bytes = await readBytes(req, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new RpcError(
      PARSE_ERROR,
      'Parse error: the body is not JSON text in UTF-8. Send one JSON-RPC 2.0 message.',
    );
  }
}

function requireJson({ headers }: IncomingMessage): void {
  const { essence, charset = 'utf-8' } = readMediaType(headers['content-type']);
  if (essence !== 'application/json' || !/^utf-?8$/.test(charset)) {
    throw unsupported('Content-Type must be application/json in UTF-8.');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('Content-Encoding is not taken here: send the body as it is.');
  }
}

const unsupported = (why: string): RpcError =>
  new RpcError(SERVER_ERROR, `Unsupported media type: ${why}`, { status: 415 });

function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): RpcError =>
    new RpcError(SERVER_ERROR, `The body is larger than ${maxBytes} bytes, the limit.`, {
      status: 413,
    });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (): void => {
      refused = true;
      chunks.length = 0;
      reject(tooLarge());
    };
    // A refused body is still read to its end, so that the client gets to see the refusal.
    req.on('data', (chunk: Buffer) => {
      if (refused) return;
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    });
    req.once('end', () => resolve(Buffer.concat(chunks)));
    req.once('close', () => reject(new RpcError(SERVER_ERROR, 'The body broke off.')));
    req.once('error', reject);
    if (Number(req.headers['content-length']) > maxBytes) refuse();
  });
}
