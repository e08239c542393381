import type { ServerResponse } from 'node:http';

/**
 * Ends an answer with text that is the same in Latin-1, in one write with its headers. `end` alone makes
 * three of it, the last empty, which cost a twentieth of a small request.
 */
export function endInOnePiece(response: ServerResponse, text: string): void {
  if (text !== '') {
    response.write(text, 'latin1');
    response.socket?.uncork();
  }
  response.end();
}
