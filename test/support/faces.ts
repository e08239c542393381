import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Compilation, createCompilation } from '../../src/compile/compilation.ts';
import { compileConsumes } from '../../src/compile/consumes.ts';
import { indexTargets, type TargetIndex } from '../../src/compile/link.ts';
import { resolveBinds } from '../../src/document/binds.ts';
import type { CapabilityDocument, Expose } from '../../src/document/document.ts';
import { loadText } from '../../src/document/load.ts';
import type { Closer } from './upstream.ts';

/** A folder of its own for one test, with these files in it; gone when the test ends. Its real path. */
export async function folderOf(
  t: Closer,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'faces-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

export interface Compiling {
  readonly compilation: Compilation;
  readonly targets: TargetIndex;
  readonly document: CapabilityDocument;
  /** The expose of a type, and its pointer. */
  expose<T extends Expose['type']>(type: T): [Expose & { type: T }, string];
  /** `CODE severity pointer` of each finding of the compilation. */
  found(): string[];
}

/** A capability text, lying at `path`, just before its faces are compiled. */
export async function compiling(path: string, text: string): Promise<Compiling> {
  const { source, document, findings } = loadText(path, text);
  if (document === undefined) throw new Error(JSON.stringify(findings, null, 1));
  const { variables } = await resolveBinds(document, source, {});
  const compilation = createCompilation(document, source, variables, {}, new Map());
  const targets = indexTargets(compileConsumes(compilation));
  return {
    compilation,
    targets,
    document,
    expose(type) {
      const exposes = document.capability?.exposes ?? [];
      const index = exposes.findIndex((expose) => expose.type === type);
      return [exposes[index] as Expose & { type: typeof type }, `/capability/exposes/${index}`];
    },
    found: () =>
      compilation.findings.map(({ code, severity, pointer }) => `${code} ${severity} ${pointer}`),
  };
}

/** Serves a handler that may decline on a free port until the test ends; what it declines is 418. */
export async function serveHandler(
  t: Closer,
  handle: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<string> {
  const server = http.createServer((request, response) => {
    if (handle(request, response)) return;
    response.statusCode = 418;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
