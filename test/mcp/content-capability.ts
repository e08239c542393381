import type { TestContext } from 'node:test';
import type { Compiled } from '../../src/compile/compile.ts';
import { connectAgent } from '../support/agent.ts';
import { compileText } from '../support/compile.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { connectNewer } from '../support/newer-agent.ts';
import { type Script, startUpstream } from '../support/upstream.ts';

export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
export const WAV = Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1');

const bytes = (type: string, body: Buffer) => ({ headers: { 'content-type': type }, body });

/** What the consumed API answers, by operation; each is a GET of `/<name>`. */
export const API: Script = {
  'GET /pixel': bytes('image/png; charset=binary', PIXEL),
  'GET /beep': bytes('Audio/X-WAV', WAV),
  'GET /wave': bytes('audio/wave', WAV),
  'GET /jpg': bytes('image/jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1])),
  'GET /octets': bytes('application/octet-stream', PIXEL),
  'GET /noise': bytes('application/octet-stream', Buffer.from([0, 1, 2, 3])),
  'GET /page': bytes('text/html', Buffer.from('<p>no image</p>')),
  'GET /report': bytes('text/csv; charset=latin1', Buffer.from('a;\xe9', 'latin1')),
  'GET /empty': { status: 204 },
  'GET /refused': { status: 404, body: { message: 'There is none.' } },
  'GET /user': {
    body: { name: 'Ada', tags: ['a', 'b'], age: 36, photo: PIXEL.toString('base64'), none: null },
  },
};

const BINARY = ['pixel', 'beep', 'wave', 'jpg', 'octets', 'noise', 'page', 'report'];

const consumes = {
  type: 'http',
  namespace: 'api',
  baseUri: 'http://upstream.invalid',
  resources: [
    ...['pixel', 'beep', 'wave', 'jpg', 'octets', 'noise', 'page', 'report', 'empty', 'refused'],
    'user',
  ].map((name) => ({
    path: `/${name}`,
    operations: [
      { name, method: 'GET', ...(BINARY.includes(name) ? { outputRawFormat: 'binary' } : {}) },
    ],
  })),
};

/** A capability over that API whose MCP expose has these members. */
export const exposing = (expose: object, resources: readonly object[] = []): string =>
  JSON.stringify(
    {
      naftiko: '1.0.0-alpha2',
      info: { label: 'Parts' },
      capability: {
        consumes: [{ ...consumes, resources: [...consumes.resources, ...resources] }],
        exposes: [{ type: 'mcp', namespace: 'parts', port: 9090, ...expose }],
      },
    },
    null,
    1,
  );

/** Serves it, with a client of either era. */
export async function serveParts(
  t: TestContext,
  expose: object,
  { api = API, resources = [], ...options }: ServeOptions = {},
) {
  const upstream = await startUpstream(t, api);
  const text = exposing(expose, resources);
  const served = await startGateway(t, text, { upstream: upstream.origin, ...options });
  return {
    ...served,
    upstream,
    older: await connectAgent(t, served.mcp),
    newer: await connectNewer(t, served.mcp, { pin: '2026-07-28' }),
  };
}

interface ServeOptions extends Omit<TestGatewayOptions, 'upstream'> {
  readonly api?: Script;
  readonly resources?: readonly object[];
}

/** `CODE pointer` of each finding, pointers from the expose on; with what it suggests. */
export async function findingsOf(
  expose: object,
  resources: readonly object[] = [],
): Promise<{ readonly found: readonly string[]; readonly compiled: Compiled }> {
  const compiled = await compileText(exposing(expose, resources));
  const found = compiled.findings.map(({ code, pointer, suggestion }) => {
    const at = pointer.replace('/capability/exposes/0', '');
    return suggestion === undefined ? `${code} ${at}` : `${code} ${at} → ${suggestion}`;
  });
  return { found, compiled };
}
