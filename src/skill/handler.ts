import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GatewayError, toGatewayError } from '../errors.ts';
import { isServedName, listFolder, openInFolder } from '../files/folder.ts';
import { mediaTypeOf } from '../files/media-type.ts';
import type { SkillDefinition, SkillPlan } from '../plan/plan.ts';
import { sendProblem } from '../rest/problem.ts';
import { catalogOf, type Endpoint, skillOf } from './catalog.ts';
import { zipped } from './zip.ts';

export interface SkillOptions {
  /**
   * Where an expose of the process is served, by its namespace; undefined while it is not, or when it
   * speaks on stdio. Asked for at each request, because a port may be chosen when it is opened.
   */
  readonly endpointOf: (namespace: string) => Endpoint | undefined;
  readonly mask: (text: string) => string;
  /** Told of every failure, for the log. */
  readonly onFailure?: (error: GatewayError, request: IncomingMessage) => void;
}

/** Answers a request to `/skills` or below and says true; false leaves it to others. Never throws. */
export type SkillHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The skills of one port; those of several exposes are given as one plan. */
export function createSkillHandler(plan: SkillPlan, options: SkillOptions): SkillHandler {
  const skills = new Map<string, SkillDefinition>();
  for (const skill of plan.skills) if (!skills.has(skill.name)) skills.set(skill.name, skill);

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    rawSegments: readonly string[],
  ): Promise<void> {
    const segments = rawSegments.map(decoded);
    const [name, view, ...file] = segments;
    const below = segments.length > 2;
    const known = view === undefined || view === 'contents' || (view === 'download' && !below);
    if (!known) throw unknown(`There is no ${JSON.stringify(shortened(view))} of a skill.`);
    if (!isRead(request, response)) return;
    if (name === undefined) {
      return sendJson(request, response, catalogOf([...skills.values()]));
    }
    const skill = skills.get(name);
    if (skill === undefined) throw unknown(`There is no skill ${JSON.stringify(shortened(name))}.`);
    if (view === undefined) {
      const { host } = request.headers;
      return sendJson(request, response, skillOf(skill, plan.namespace, options.endpointOf, host));
    }
    if (view === 'download') return sendArchive(request, response, skill);
    if (!below) return sendContents(request, response, skill);
    return sendFile(request, response, skill, file);
  }

  return function handleSkills(request, response) {
    const path = (request.url ?? '').split('?', 1)[0] as string;
    if (path !== '/skills' && !path.startsWith('/skills/')) return false;
    const trimmed = path.replace(/\/$/, '');
    answer(request, response, trimmed.split('/').slice(2)).catch((thrown: unknown) => {
      if (response.destroyed) return;
      const error = toGatewayError(thrown);
      options.onFailure?.(error, request);
      sendProblem(response, error, options.mask);
    });
    return true;
  };
}

/** Whether the request reads; any other is answered here. */
function isRead(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const allow = ['GET', 'HEAD', 'OPTIONS'];
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { allow: allow.join(', ') });
    response.end();
    return false;
  }
  throw new GatewayError(
    'METHOD_NOT_ALLOWED',
    `${request.method} is not served here: a catalogue of skills is read only. Call a tool at the address that its skill gives.`,
    { allow },
  );
}

async function sendContents(
  request: IncomingMessage,
  response: ServerResponse,
  skill: SkillDefinition,
): Promise<void> {
  const files = await filesOf(skill);
  const listed = files.map(({ path, size }) => ({ path, size, type: typeOf(path) }));
  sendJson(request, response, { name: skill.name, files: listed });
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  skill: SkillDefinition,
  segments: readonly string[],
): Promise<void> {
  if (!segments.every(isServedName)) {
    throw new GatewayError(
      'REQUEST_INVALID',
      'The path of the file leads elsewhere. Give names with "/" between them, as /contents lists them.',
    );
  }
  const file = skill.folder === undefined ? undefined : await openInFolder(skill.folder, segments);
  if (file === undefined) {
    const shown = JSON.stringify(shortened(segments.join('/')));
    throw unknown(`The skill "${skill.name}" has no file ${shown}. /contents lists those it has.`);
  }
  try {
    const etag = `"${file.size.toString(36)}-${Math.trunc(file.modified).toString(36)}"`;
    const headers = { etag, 'last-modified': new Date(file.modified).toUTCString() };
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    response.writeHead(200, {
      ...headers,
      'content-type': typeOf(segments.at(-1) as string),
      'content-length': file.size,
      ...AS_DATA,
    });
    if (request.method === 'HEAD' || file.size === 0) {
      response.end();
      return;
    }
    // A file that grows while it is read must not exceed the length that was promised.
    const bytes = file.handle.createReadStream({ end: file.size - 1, autoClose: false });
    await pipeline(bytes, response, { end: false }).catch(() => {});
    if (bytes.bytesRead === file.size) response.end();
    else response.destroy();
  } finally {
    await file.handle.close();
  }
}

async function sendArchive(
  request: IncomingMessage,
  response: ServerResponse,
  skill: SkillDefinition,
): Promise<void> {
  const files = await filesOf(skill);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > LARGEST_ARCHIVE) {
    throw new GatewayError(
      'INTERNAL',
      `The files of the skill "${skill.name}" have ${total} bytes, and at most ${LARGEST_ARCHIVE} are packed. Read them one by one below /contents.`,
    );
  }
  response.writeHead(200, {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${skill.name.replace(/[^\w.-]/g, '_')}.zip"`,
    ...AS_DATA,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const folder = skill.folder as string;
  const pieces = zipped(
    files.map(({ path, modified }) => ({
      path,
      modified,
      open: async () => (await openInFolder(folder, path.split('/')))?.handle,
    })),
  );
  // Once begun, an archive that fails is broken off, so that it does not look whole.
  await pipeline(Readable.from(pieces, { objectMode: false }), response).catch(() => {
    response.destroy();
  });
}

const LARGEST_ARCHIVE = 1024 ** 3;

/** A browser must neither guess a type nor run what a skill holds. */
const AS_DATA = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
} as const;

async function filesOf(skill: SkillDefinition) {
  const files = skill.folder === undefined ? undefined : await listFolder(skill.folder);
  if (files !== undefined) return files;
  throw unknown(
    skill.folder === undefined
      ? `The skill "${skill.name}" has no files: its description is all there is.`
      : `The files of the skill "${skill.name}" are not there.`,
  );
}

const typeOf = (path: string): string => mediaTypeOf(path) ?? 'application/octet-stream';

const shortened = (text: string): string => text.slice(0, 200);

const unknown = (message: string): GatewayError => new GatewayError('ROUTE_UNKNOWN', message);

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new GatewayError(
      'REQUEST_INVALID',
      'The path holds a percent sign that begins no valid encoding. Write a percent sign as %25.',
    );
  }
}

function sendJson(request: IncomingMessage, response: ServerResponse, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
