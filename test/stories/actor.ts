import type { TestContext } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { send } from '../support/http.ts';
import type { Operation } from './outline.ts';

export interface Reply {
  readonly ok: boolean;
  /** Of the API; of a tool's failure as its text says it. 200 for a success of a tool. */
  readonly status: number;
  /** What it was asked for; undefined where it failed. */
  readonly value: unknown;
  /** All that came. */
  readonly text: string;
  /** What the answer says about itself. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Somebody who calls operations over one face. */
export interface Actor {
  readonly face: 'REST' | 'MCP';
  call(operation: string, inputs?: Readonly<Record<string, unknown>>): Promise<Reply>;
  /** Everything that failures said. */
  readonly heard: readonly string[];
}

/** Notes what was shown of which operation. */
export type Note = (operation: string, face: Actor['face']) => void;

type Operations = readonly Operation[];

export function restActor(operations: Operations, origin: string, note: Note): Actor {
  const heard: string[] = [];
  return {
    face: 'REST',
    heard,
    async call(name, inputs = {}) {
      const { method, path, places, whole } = find(operations, name);
      const headers: Record<string, string> = {};
      const query = new URLSearchParams();
      const fields: Record<string, unknown> = {};
      let body: unknown;
      let target = path;
      for (const [input, value] of Object.entries(inputs)) {
        const place = places.get(input);
        if (input === whole) body = value;
        else if (place === 'path')
          target = target.replace(`{${input}}`, encodeURIComponent(String(value)));
        else if (place === 'header') headers[input] = String(value);
        else if (place === 'body') fields[input] = value;
        else query.set(input, String(value));
      }
      if (Object.keys(fields).length > 0) body = fields;
      if (body !== undefined) headers['content-type'] = 'application/json';
      const search = query.size === 0 ? '' : `?${query}`;
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await send(origin, target + search, { method, headers, ...content });
      const ok = answer.status < 300;
      if (!ok) heard.push(answer.text);
      note(name, 'REST');
      const meta = { time: answer.headers['x-time'], reqId: answer.headers['x-req-id'] };
      const value = ok && answer.text !== '' ? answer.json() : undefined;
      return { ok, status: answer.status, value, text: answer.text, meta };
    },
  };
}

export async function toolActor(
  t: TestContext,
  operations: Operations,
  url: string,
  note: Note,
): Promise<Actor> {
  const agent = await connectAgent(t, url);
  // A client checks what a tool says of its answers only once it has read it.
  await agent.listTools();
  const heard: string[] = [];
  return {
    face: 'MCP',
    heard,
    async call(name, inputs = {}) {
      const result = await agent.callTool({
        name: find(operations, name).tool,
        arguments: { ...inputs },
      });
      const text = textOf(result);
      const ok = result.isError !== true;
      if (!ok) heard.push(text);
      note(name, 'MCP');
      const status = ok
        ? 200
        : Number(/answered (\d{3})|\((\d{3})\)/.exec(text)?.slice(1).find(Boolean));
      const meta = (result._meta ?? {}) as Reply['meta'];
      return { ok, status, value: ok ? JSON.parse(text) : undefined, text, meta };
    },
  };
}

function find(operations: Operations, name: string): Operation {
  const operation = operations.find((each) => each.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
