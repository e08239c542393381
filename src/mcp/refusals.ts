import type { ServerResponse } from 'node:http';
import { RpcError, rpcErrorAnswer, SERVER_ERROR, SESSION_NOT_FOUND } from './rpc-error.ts';

export const sessionNotFound = (): RpcError =>
  new RpcError(
    SESSION_NOT_FOUND,
    'Session not found: it was ended, or was unused for too long. Send initialize to open another.',
    { status: 404 },
  );

export const shuttingDown = (): RpcError =>
  new RpcError(SERVER_ERROR, 'The gateway is shutting down.', { status: 503 });

export const methodNotAllowed = (allow: string): RpcError =>
  new RpcError(SERVER_ERROR, 'Method not allowed: send JSON-RPC messages with POST.', {
    status: 405,
    headers: { allow },
  });

/** Answers with what was thrown, or breaks off an answer that has begun. */
export function refuse(res: ServerResponse, thrown: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.end();
    return;
  }
  const { status = 400, headers = {} } =
    thrown instanceof RpcError ? thrown.details : { status: 500 };
  const text = rpcErrorAnswer(thrown);
  const length = Buffer.byteLength(text);
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': length,
  });
  res.end(text);
}
