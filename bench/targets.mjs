// What a run is judged by. A ratio says how many times better the gateway does than the other:
// `least` is the target for throughput, `gate` what CPU per request may not fall below in CI. With
// `by`, both are of that measure. `most` and its `gate` are for what should be small: how many times
// as long (as much) the gateway takes. `seen(rows)` gives a figure of another kind.
import { of } from './figures.mjs';

const rest = (theirs, least, gate, more) => ({
  what: `REST GET 2 KB, to ${theirs}`,
  row: 'rest-get-2kb',
  theirs,
  least,
  gate,
  ...more,
});
const post = (theirs, least, gate) => ({
  ...rest(theirs, least, gate),
  what: `REST POST 1 KB, to ${theirs}`,
  row: 'rest-post-1kb',
});
const call = (theirs, least, gate) => ({
  ...rest(theirs, least, gate),
  what: `tools/call, to ${theirs}`,
  row: 'mcp-call',
});
const list = (count, theirs, least, gate) => ({
  ...rest(theirs, least, gate),
  what: `tools/list of ${count.toLocaleString('en')}, to ${theirs}`,
  row: `mcp-list-${count}`,
});

export const TARGETS = [
  rest('bare, dispatch', 0.85, 0.6),
  rest('bare, request piped', 1.05, 0.8),
  rest('Express 5 + undici', 4, 2.5),
  rest('@fastify/reply-from', 1.8, 1.3),
  rest('http-proxy', 1.5, 1.1),
  rest('fast-gateway', 1.7, 1.2),
  rest('nginx', 0.28, 0.2, { what: 'REST GET 2 KB, CPU per request to nginx', by: 'cpu' }),
  p99('bare, dispatch', 1.3),
  p99('bare, request piped', 1.3, 2.5),
  post('bare, request piped', 1.5, 1.1),
  post('Express 5 + undici', 4, 2.5),
  {
    what: 'REST GET 1 MB, to bare, dispatch',
    row: 'rest-get-1mb',
    theirs: 'bare, dispatch',
    least: 0.9,
  },
  {
    what: 'REST GET 1 MB, to nginx',
    row: 'rest-get-1mb',
    theirs: 'nginx',
    least: 0.4,
    gate: 0.25,
  },
  {
    what: 'peak memory with answers of 1 MB, to that with 2 KB',
    most: 1.5,
    seen: (rows) => peak(rows, 'rest-get-1mb') / peak(rows, 'rest-get-2kb'),
  },
  {
    what: 'REST to an object of four fields, to bare, by hand',
    row: 'rest-object',
    theirs: 'bare, by hand',
    least: 0.6,
  },
  {
    what: 'REST to an array of objects, to bare, by hand',
    row: 'rest-array',
    theirs: 'bare, by hand',
    least: 0.6,
  },
  {
    what: 'REST to an array of objects, to jsonpath-plus',
    row: 'rest-array',
    theirs: 'bare, jsonpath-plus',
    least: 5,
    gate: 3,
  },
  rebuilt('2kb', 1.3, 1.1),
  rebuilt('50kb', 6, 4),
  {
    what: '1,000 routes, to 5',
    row: 'rest-routes',
    ours: 'gateway, 1000 routes',
    theirs: 'gateway, 5 routes',
    least: 0.95,
    gate: 0.8,
  },
  {
    what: 'every published file loaded, to one file',
    row: 'rest-corpus',
    ours: 'gateway, whole corpus',
    theirs: 'gateway, one file',
    least: 0.9,
  },
  {
    what: 'REST p50 at 1 connection, to bare, request piped',
    row: 'rest-connections-1',
    theirs: 'bare, request piped',
    by: 'p50',
    most: 1.15,
    gate: 1.4,
  },
  call('by hand', 0.75, 0.55),
  call('SDK, session, SSE', 6, 3.5),
  call('SDK, stateless', 12, 6),
  call('fastmcp', 5, 3),
  {
    what: 'tools/call, the slower era to the faster',
    least: 0.8,
    seen: (rows) => eras(rows),
  },
  {
    what: 'tools/call p50 at 1 connection, to SDK, stateless',
    row: 'mcp-connections-1',
    theirs: 'SDK, stateless',
    by: 'p50',
    least: 2.5,
    gate: 1.7,
  },
  list(3, 'SDK, stateless', 15, 8),
  list(500, 'SDK, stateless', 200, 60),
  list(1_000, 'these bytes sent', 1),
  manyConnections('rest', 0.4, 0.25),
  manyConnections('mcp', 0.4),
  {
    what: 'errors with 1,024 connections',
    most: 0,
    gate: 0,
    gateRows: ['rest-connections-1024'],
    seen: (rows) => errors(rows, 'connections-1024'),
  },
  {
    what: 'memory after 250,000 calls, to that after 40,000',
    most: 1.1,
    gate: 1.25,
    gateRows: ['memory'],
    seen: (rows) => grown(rows.find(({ name }) => name === 'memory')),
  },
  start('start to ready, to node -e 0', 'gateway, ready', 'node -e 0', 2, 2.6),
  start('start to first answer, to node -e 0', 'gateway, first answer', 'node -e 0', 4),
  start('start to ready, to the usual imports', 'gateway, ready', 'usual imports', 0.5, 0.65),
  {
    what: 'reading 1,000 files, to yaml and Ajv',
    row: 'start-load',
    ours: 'naftiko, loadFiles',
    theirs: 'yaml and Ajv',
    by: 'ms',
    most: 0.45,
    gate: 0.6,
  },
  {
    what: 'start with every published file, seconds',
    most: 15,
    seen: (rows) => ofCorpus(rows, 'ms') / 1e3,
  },
  {
    what: 'memory with every published file, MB',
    most: 600,
    seen: (rows) => ofCorpus(rows, 'mb'),
  },
  {
    what: 'start with twice the files, to half of them',
    row: 'start-corpus',
    ours: 'whole corpus',
    theirs: 'half of it',
    by: 'ms',
    most: 2.1,
  },
  {
    what: 'two workers, to one',
    row: 'rest-workers',
    ours: '2 workers',
    theirs: '1 worker',
    by: 'rps',
    least: 1.7,
    needsCores: 4,
  },
];

function p99(theirs, most, gate) {
  return {
    what: `REST p99 at 64 connections, to ${theirs}`,
    row: 'rest-get-2kb',
    theirs,
    by: 'p99',
    most,
    gate,
  };
}

function rebuilt(size, least, gate) {
  return {
    what: `REST GET ${size.replace('kb', ' KB')} handed on, to parsed and written`,
    row: `rest-rebuilt-${size}`,
    theirs: 'gateway, rebuilt',
    least,
    gate,
  };
}

function manyConnections(face, least, gate) {
  return {
    what: `${face.toUpperCase()} with 1,024 connections, to 64`,
    row: `${face}-connections-1024`,
    ours: 'gateway, 1,024',
    theirs: 'gateway, 64',
    least,
    gate,
  };
}

function start(what, ours, theirs, most, gate) {
  return { what, row: 'start', ours, theirs, by: 'ms', most, gate };
}

function peak(rows, name) {
  const row = rows.find((each) => each.name === name);
  return row?.contestants.find((each) => each.name === 'gateway')?.peak;
}

function eras(rows) {
  const row = rows.find(({ name }) => name === 'mcp-call');
  const [older, newer] = ['gateway', 'gateway, 2026-07-28'].map(
    (name) => row && of(row, 'cpu', name),
  );
  return Math.min(older, newer) / Math.max(older, newer);
}

function errors(rows, word) {
  const found = rows.filter(({ name }) => name.includes(word));
  if (found.length === 0) return undefined;
  const rounds = found.flatMap(({ contestants }) =>
    contestants.filter(({ name }) => name.startsWith('gateway')).flatMap((one) => one.rounds),
  );
  return rounds.reduce((sum, round) => sum + round.errors, 0);
}

function grown(row) {
  if (row === undefined) return undefined;
  const [after, before] = row.contestants.map(({ rounds: [{ mb }] }) => mb);
  return after / before;
}

function ofCorpus(rows, measure) {
  const row = rows.find(({ name }) => name === 'start-corpus');
  return row && of(row, measure, 'whole corpus');
}
