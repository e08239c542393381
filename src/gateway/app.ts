import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import { refuseUnknownPath } from '../rest/unrouted.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers through Express what nothing compiled does: paths written in another way, and those that
 * nobody knows. Express is loaded at the first such request. It reads paths in its own way, so who may
 * come in is asked behind it, not before.
 */
export function createApp(
  answers: ReadonlyMap<string, Answer>,
  mask: (text: string) => string,
): Answer {
  let app: Express | undefined;
  let opening: Promise<Express> | undefined;

  async function open(): Promise<Express> {
    const { default: express } = await import('express');
    app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    for (const [path, answer] of answers) app.all(literalPath(path), answer);
    const all = answers.get('/mcp');
    if (all !== undefined) app.post('/', all);
    app.use((request, response) => refuseUnknownPath(response, request.path, mask));
    return app;
  }

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
