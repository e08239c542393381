import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import { refuseUnknownPath } from '../rest/unrouted.ts';
import { type AccessOptions, whenAllowed } from './access.ts';
import type { McpEndpoint } from './endpoints.ts';

/**
 * Answers through Express what no compiled route does. Express is loaded at the first such request.
 * It reads paths in its own way, so who may come in is asked behind it, not before.
 */
export function createApp(
  mcp: ReadonlyMap<string, McpEndpoint>,
  mask: (text: string) => string,
  access: AccessOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  let app: Express | undefined;
  let opening: Promise<Express> | undefined;

  async function open(): Promise<Express> {
    const { default: express } = await import('express');
    app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    for (const [path, endpoint] of mcp) app.all(literalPath(path), answer(endpoint));
    const all = mcp.get('/mcp');
    if (all !== undefined) app.post('/', answer(all));
    app.use((request, response) => refuseUnknownPath(response, request.path, mask));
    return app;
  }

  const answer =
    ({ handler, check }: McpEndpoint) =>
    (request: IncomingMessage, response: ServerResponse): void =>
      whenAllowed(
        check,
        request,
        response,
        access,
        (caller) => void handler.handle(request, response, caller),
      );

  return function answerByApp(request, response) {
    if (app !== undefined) {
      app(request, response);
      return;
    }
    opening ??= open();
    void opening.then((opened) => opened(request, response));
  };
}

/** A namespace may hold characters that mean something in an Express path. */
const literalPath = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}/?$`);
