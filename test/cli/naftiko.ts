import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface Said {
  readonly status: number;
  /** Texts with their line ends; bytes as latin1. */
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** `http://127.0.0.1:PORT` of the first REST and the first MCP listener, as printed. */
  readonly rest: string;
  readonly mcp: string;
  err(): string;
  out(): string;
  /** Asks it to stop and gives the exit status. */
  stop(): Promise<number>;
}

const INVOCATION = ['/opt/node', '/opt/naftiko/main.js'];

/** Runs a command that ends by itself. */
export async function naftiko(
  args: readonly string[],
  given: Partial<Terminal> = {},
): Promise<Said> {
  const { terminal, said } = recorder();
  const status = await createProgram({ ...terminal, ...given }).run(args);
  return { status, ...said };
}

/** Starts `naftiko run` on free ports, in this process; it is stopped with the test. */
export async function startRun(
  t: TestContext,
  args: readonly string[],
  given: Partial<Terminal> = {},
): Promise<Running> {
  let stop = (_: string): void => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let listens = (): void => {};
  const listening = new Promise<void>((resolve) => {
    listens = resolve;
  });
  const { terminal, said } = recorder(() => {
    if (/Ctrl-C stops|"msg":"listening"/.test(said.err)) listens();
  });
  const untilStopped = (): Promise<string> => stopped;
  const program = createProgram({ ...terminal, untilStopped, ...given });
  const ports = ['--rest-port', '0', '--mcp-port', '0'];
  const ended = program.run(['run', ...args, ...ports]);
  t.after(async () => {
    stop('end of the test');
    await ended;
  });
  await Promise.race([
    listening,
    ended.then((status) => assert.fail(`ended with ${status}: ${said.err}`)),
  ]);
  return {
    ...originsIn(said.err),
    err: () => said.err,
    out: () => said.out,
    stop() {
      stop('SIGTERM');
      return ended;
    },
  };
}

/** From the summary, or from the lines of the JSON log. */
function originsIn(said: string): { readonly rest: string; readonly mcp: string } {
  const originOf = (face: string): string => {
    const text = new RegExp(`${face.toUpperCase()} .*?(http://[^/\\s]+)`).exec(said)?.[1];
    const port = new RegExp(`"port":(\\d+).*"${face}":\\["`).exec(said)?.[1];
    return text ?? (port === undefined ? '' : `http://127.0.0.1:${port}`);
  };
  return { rest: originOf('rest'), mcp: originOf('mcp') };
}

function recorder(onErr: () => void = () => {}) {
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out(data) {
      said.out += typeof data === 'string' ? `${data}\n` : Buffer.from(data).toString('latin1');
    },
    err(text) {
      said.err += `${text}\n`;
      onErr();
    },
    color: false,
    interactive: false,
    invocation: INVOCATION,
    untilStopped: () => new Promise(() => {}),
    onCrash() {},
  };
  return { terminal, said };
}

/** Files in a folder of their own, gone when the test ends. */
export async function folderOf(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'naftiko-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

export async function fileOf(t: TestContext, content: string): Promise<string> {
  return join(await folderOf(t, { 'items.yaml': content }), 'items.yaml');
}

interface Parts {
  readonly name?: string;
  readonly baseUri?: string;
  /** Lines of an `authentication` block. */
  readonly authentication?: readonly string[];
  readonly binds?: Readonly<Record<string, string>>;
  /** Ports and transport are of no interest to most tests. */
  readonly mcp?: readonly string[];
}

/** A capability with one API of items: list, get and create, over REST and MCP. */
export function items({
  name = 'items',
  baseUri = 'http://127.0.0.1:9',
  authentication = [],
  binds = {},
  mcp = ['port: 9090'],
}: Parts = {}): string {
  const keys = Object.entries(binds).map(([key, value]) => `      ${key}: ${value}`);
  return `naftiko: 1.0.0-alpha2
info:
  label: Items of ${name}
${keys.length === 0 ? '' : `binds:\n  - namespace: env\n    keys:\n${keys.join('\n')}\n`}capability:
  consumes:
    - type: http
      namespace: ${name}
      baseUri: ${baseUri}
${authentication.length === 0 ? '' : `      authentication:\n${authentication.map((line) => `        ${line}\n`).join('')}`}      resources:
        - name: items
          path: /items
          operations:
            - name: list
              method: GET
              inputParameters:
                - { name: limit, in: query, type: integer }
                - { name: tags, in: query, type: array }
            - name: create
              method: POST
              inputParameters:
                - name: body
                  in: body
                  type: object
                  required: true
                  properties:
                    title: { type: string, required: true, description: What it is called. }
                    email: { type: string, required: true }
                    note: { type: string }
        - name: item
          path: /items/{id}
          operations:
            - name: get
              method: GET
              inputParameters: [{ name: id, in: path, type: string, required: true }]
            - name: remove
              method: DELETE
              inputParameters: [{ name: id, in: path, type: string, required: true }]
  exposes:
    - type: rest
      namespace: ${name}-rest
      port: 8080
      resources:
        - path: /v1/items
          operations:
            - { method: GET, name: list, call: ${name}.list, with: { limit: rest.limit, tags: rest.tags } }
            - { method: POST, name: create, call: ${name}.create, with: { body: rest.body } }
        - path: /v1/items/{id}
          operations:
            - { method: GET, name: get, call: ${name}.get, with: { id: rest.id } }
            - { method: DELETE, name: remove, call: ${name}.remove, with: { id: rest.id } }
    - type: mcp
      namespace: ${name}-mcp
${mcp.map((line) => `      ${line}\n`).join('')}      tools:
        - { name: list-items, description: All items., call: ${name}.list, with: { limit: tools.limit, tags: tools.tags } }
        - { name: create-item, description: A new item., call: ${name}.create, with: { body: tools.body } }
        - { name: get-item, description: One item., call: ${name}.get, with: { id: tools.id } }
        - { name: remove-item, description: Away with it., call: ${name}.remove, with: { id: tools.id } }
`;
}
