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
  readonly headers: Readonly<Record<string, unknown>>;
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
      const operation = find(operations, name);
      const { target, ...request } = requestOf(operation, inputs);
      const answer = await send(origin, target, request);
      const ok = answer.status < 300;
      if (!ok) heard.push(answer.text);
      note(operation.name, 'REST');
      const { headers } = answer;
      const meta = { time: headers['x-time'], reqId: headers['x-req-id'] };
      const value = ok && answer.text !== '' ? answer.json() : undefined;
      return { ok, status: answer.status, value, text: answer.text, headers, meta };
    },
  };
}

/** What a client of REST makes of inputs: a list repeats its parameter, the body is JSON. */
export function requestOf(
  { method, path, places, whole }: Operation,
  inputs: Readonly<Record<string, unknown>>,
) {
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
    else for (const each of [value].flat()) query.append(input, String(each));
  }
  if (Object.keys(fields).length > 0) body = fields;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const search = query.size === 0 ? '' : `?${query}`;
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return { target: target + search, method, headers, ...content };
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
      const operation = find(operations, name);
      const result = await agent.callTool({ name: operation.tool, arguments: { ...inputs } });
      const text = textOf(result);
      const ok = result.isError !== true;
      if (!ok) heard.push(text);
      note(operation.name, 'MCP');
      const status = ok
        ? 200
        : Number(/answered (\d{3})|\((\d{3})\)/.exec(text)?.slice(1).find(Boolean));
      const meta = (result._meta ?? {}) as Reply['meta'];
      const [, wait] = /^Retry-After: (.*)$/m.exec(text) ?? [];
      const headers = { 'retry-after': wait };
      return { ok, status, value: ok ? JSON.parse(text) : undefined, text, headers, meta };
    },
  };
}

/** By its name, or that of its tool. */
export function find(operations: Operations, name: string): Operation {
  const operation =
    operations.find((each) => each.name === name) ?? operations.find((each) => each.tool === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
