// `npm run scale`: what size costs. Starts a file of 1,158 operations, files of ever twice as many, then
// the whole public corpus in one process, calls every route of it once, and prints start times and
// memory beside the bars.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { startGateway } from './gateway.mjs';
import { command, root, setUp } from './setup.mjs';

const OPERATIONS = 1_158;
const AT_ONCE = 16;
/** The mock answers 400 where a file does not expose a parameter that it declares as required. */
const isAnswered = (status) => (status >= 200 && status < 300) || status === 400;
const BARS = { oneFileMs: 3_000, corpusMs: 15_000, corpusMb: 600, twice: 2.3 };
/** Each twice the one before; the quickest of so many rounds counts. */
const DOUBLED = [500, 1_000, 2_000, 4_000];
const ROUNDS = 3;

setUp();
// Each gateway that is started listens for the end of this process.
process.setMaxListeners(0);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naftiko-scale-'));
const misses = [];
try {
  await measureOneFile(folder);
  await measureDoubling(folder);
  const corpus = path.join(root, '..', 'shared', 'corpus', 'capabilities');
  if (fs.existsSync(corpus)) await measureCorpus(corpus);
  else console.log(`no corpus at ${corpus}: only the single file was measured`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const miss of misses) console.log(`MISSED: ${miss}`);
process.exitCode = misses.length === 0 ? 0 : 1;

async function measureOneFile(into) {
  const file = path.join(into, 'large.yaml');
  fs.writeFileSync(file, largeCapability(OPERATIONS));
  const started = performance.now();
  const gateway = await startGateway([file, '--mock']);
  const ms = performance.now() - started;
  const listed = await listTools(gateway.mcp);
  await gateway.stop();
  report(`${OPERATIONS} operations in one file: start`, ms, BARS.oneFileMs, 'ms');
  if (listed !== OPERATIONS) misses.push(`${listed} tools listed, not ${OPERATIONS}`);
}

/** Twice the operations may take twice the time, after what a start takes without any. */
async function measureDoubling(into) {
  const counts = [1, ...DOUBLED];
  const quickest = new Map(counts.map((count) => [count, Number.POSITIVE_INFINITY]));
  for (const count of counts) {
    fs.writeFileSync(path.join(into, `${count}.yaml`), largeCapability(count));
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const count of counts) {
      const started = performance.now();
      const gateway = await startGateway([path.join(into, `${count}.yaml`), '--mock']);
      const ms = performance.now() - started;
      await gateway.stop();
      quickest.set(count, Math.min(ms, quickest.get(count)));
    }
  }
  const over = (count) => quickest.get(count) - quickest.get(1);
  for (const count of DOUBLED) {
    console.log(`${count} operations: start ${Math.round(quickest.get(count))} ms`);
  }
  for (const count of DOUBLED.slice(1)) {
    const times = over(count) / over(count / 2);
    const what = `${count} operations, to half of them:`;
    console.log(`${what} ${times.toFixed(2)} times (bar ${BARS.twice})`);
    if (times > BARS.twice) misses.push(`${what} ${times.toFixed(2)} times`);
  }
}

async function measureCorpus(corpus) {
  const routes = await routesOf(corpus);
  const started = performance.now();
  const gateway = await startGateway([corpus, '--prefix', '--mock', '--log-level', 'info']);
  const ms = performance.now() - started;
  const failures = [];
  const queue = [...routes];
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const work = async () => {
    for (let route = queue.pop(); route !== undefined; route = queue.pop()) {
      const status = await call(gateway.rest, route, agent);
      if (!isAnswered(status)) failures.push(`${status} ${route.method} ${route.path}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  agent.destroy();
  const mb = peakMegabytes(gateway.pid);
  await gateway.stop();
  report('whole corpus in one process: start', ms, BARS.corpusMs, 'ms');
  if (mb !== undefined)
    report('whole corpus, after every route: peak memory', mb, BARS.corpusMb, 'MB');
  console.log(`routes answered: ${routes.length - failures.length} of ${routes.length}`);
  for (const failure of failures.slice(0, 20)) misses.push(failure);
}

function report(what, figure, bar, unit) {
  console.log(`${what} ${Math.round(figure)} ${unit} (bar ${bar} ${unit})`);
  if (figure > bar) misses.push(`${what} ${Math.round(figure)} ${unit} is over ${bar} ${unit}`);
}

function largeCapability(count) {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const resources = numbers.map(
    (n) => `
        - name: item-${n}
          path: /items${n}/{id}
          operations:
            - name: get-item-${n}
              method: GET
              inputParameters:
                - { name: id, in: path, type: string, required: true, description: Which item. }
                - { name: fields, in: query, type: array, description: Fields to answer. }
                - { name: limit, in: query, type: integer, description: How many at most. }`,
  );
  const routes = numbers.map(
    (n) => `
        - path: /v1/items${n}/{id}
          name: item-${n}
          operations:
            - method: GET
              name: get-item-${n}
              call: large.get-item-${n}
              with: { id: rest.id, fields: rest.fields, limit: rest.limit }
              outputParameters: [{ type: object, mapping: $. }]`,
  );
  const tools = numbers.map(
    (n) => `
        - name: get-item-${n}
          description: Read item ${n}.
          hints: { readOnly: true, destructive: false, idempotent: true }
          call: large.get-item-${n}
          with: { id: tools.id, fields: tools.fields, limit: tools.limit }
          outputParameters: [{ type: object, mapping: $. }]`,
  );
  return `naftiko: 1.0.0-alpha2
info: { label: Large, description: A file of many operations. }
capability:
  consumes:
    - type: http
      namespace: large
      baseUri: https://large.example.com
      resources:${resources.join('')}
  exposes:
    - type: rest
      namespace: large-rest
      port: 8080
      resources:${routes.join('')}
    - type: mcp
      namespace: large-mcp
      port: 9090
      tools:${tools.join('')}
`;
}

/** Every route of the corpus with its inputs, as `naftiko inspect` tells them. */
async function routesOf(corpus) {
  const args = [command, 'inspect', corpus, '--prefix', '--format', 'json'];
  const options = { maxBuffer: 512 * 1024 * 1024 };
  // Base URIs and variables are missing in places: inspect says so and shows the rest all the same.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error) => error,
  );
  const { capabilities } = JSON.parse(stdout);
  return capabilities.flatMap(({ rest }) => rest.flatMap(({ routes }) => routes));
}

function call(origin, { method, path: template, inputs }, agent) {
  const required = inputs.filter((input) => input.required);
  const at = (place) => required.filter((input) => input.in === place);
  let url = template.replace(/\{[^{}]*\}/g, '7');
  const query = at('query').map(({ name, type }) => `${encodeURIComponent(name)}=${sample(type)}`);
  if (query.length > 0) url += `?${query.join('&')}`;
  const headers = Object.fromEntries(
    at('header').map(({ name, type }) => [name.toLowerCase(), sample(type)]),
  );
  const hasBody = at('body').length > 0;
  const body = hasBody
    ? at('body').some(({ type }) => type === 'array')
      ? '[{"n":1}]'
      : '{"n":1}'
    : '';
  if (hasBody)
    Object.assign(headers, { 'content-type': 'application/json', 'content-length': body.length });
  return new Promise((resolve) => {
    const request = http.request(origin + url, { method, headers, agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.setTimeout(15_000, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(`${error.code}`));
    request.end(body);
  });
}

function sample(type) {
  if (type === 'boolean') return 'true';
  if (type === 'object') return encodeURIComponent('{"n":1}');
  return '7';
}

async function listTools(mcp) {
  const response = await fetch(mcp, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return (await response.json()).result.tools.length;
}

/** The most memory the process ever held; undefined where there is no /proc. */
function peakMegabytes(pid) {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
