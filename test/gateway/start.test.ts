import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { createGateway, StartError } from '../../src/gateway/gateway.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import { capability } from '../support/capability.ts';
import { capabilityFiles, startGateway } from '../support/gateway.ts';
import { bounded, freePort, send, until } from '../support/http.ts';
import { type Closer, startUpstream } from '../support/upstream.ts';

async function occupy(t: Closer): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

async function failedStart(options: GatewayOptions): Promise<StartError> {
  const outcome = await createGateway({ environment: {}, ...options }).catch(
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof StartError, String(outcome));
  return outcome;
}

const text = capability({ operations: { get: { route: 'GET /items' } } });

test('a taken port is a failed start that leaves no port open', async (t) => {
  const taken = await occupy(t);
  const files = await capabilityFiles(t, text);
  // The REST port opens first, so it has to be closed again.
  const restPort = await freePort();
  const error = await failedStart({ files, restPort, mcpPort: taken });
  assert.equal(
    error.message,
    `Port ${taken} on 127.0.0.1 is taken by another program. End that program, or choose another port: --rest-port, --mcp-port or --port <namespace>=<port>.`,
  );
  assert.equal(await isOpen(restPort), false);
});

test('an address that is not of this machine is a failed start', async (t) => {
  const files = await capabilityFiles(t, text);
  const error = await failedStart({ files, restPort: 0, mcpPort: 0, host: '192.0.2.1' });
  assert.equal(
    error.message,
    'The address 192.0.2.1 is not one of this machine\'s. Correct the file\'s "address", or give one with --host.',
  );
});

test('one port on two addresses of ours is told as what it is', async (t) => {
  const one = { route: 'GET /one' };
  const files = await capabilityFiles(t, [
    capability({ name: 'a', operations: { one }, faces: ['rest'], address: '0.0.0.0' }),
    capability({ name: 'b', operations: { one }, faces: ['rest'] }),
  ]);
  const restPort = await freePort();
  const error = await failedStart({ files, restPort });
  assert.equal(
    error.message,
    `Port ${restPort} cannot be opened on 127.0.0.1, as it is open on 0.0.0.0 for another expose. Give both one address, for all with --host, or choose another port: --rest-port, --mcp-port or --port <namespace>=<port>.`,
  );
});

test('what is wrong with files comes as findings, with nothing open and nothing secret', async (t) => {
  const secret = 'a-secret-value-of-the-environment';
  const files = await capabilityFiles(t, [
    text,
    capability({
      name: 'bad',
      operations: { get: { route: 'GET /bad' } },
      binds: [{ namespace: 'env', keys: { KEY: 'MY_KEY', OTHER: 'MY_OTHER' } }],
      consumes: { authentication: { type: 'basic', username: '{{OTHER}}', password: '{{KEY}}' } },
    }),
  ]);
  const options = { files, restPort: 0, mcpPort: 0, environment: { MY_OTHER: secret } };
  const error = await failedStart(options);
  assert.equal(
    error.message,
    'A file has errors, so nothing is served. --keep-going serves the rest.',
  );
  const [finding] = error.findings.filter(({ severity }) => severity === 'error');
  assert.equal(finding?.code, 'VARIABLE_MISSING');
  assert.equal(finding?.file, files[1]);
  assert.match(finding?.message ?? '', /MY_KEY/);
  assert.equal(error.sources.length, 2);
  assert.doesNotMatch(JSON.stringify(error.findings), new RegExp(secret));
  const kept = await createGateway({ ...options, keepGoing: true });
  t.after(() => kept.stop());
  assert.deepEqual(kept.leftOut, [files[1]]);
  assert.equal(kept.capabilities.length, 1);
});

test('files that are none, and none at all', async (t) => {
  const missing = await failedStart({ files: ['/nowhere/at-all.yaml'] });
  assert.equal(missing.findings[0]?.code, 'FILE_UNREADABLE');
  const [empty] = await capabilityFiles(t, '{ }\n');
  assert.ok(empty);
  const nothing = await failedStart({ files: [empty] });
  assert.ok(nothing.findings.some(({ severity }) => severity === 'error'));
  assert.equal((await failedStart({ files: [] })).message, 'There is nothing to serve.');
  const none = await failedStart({ files: [empty], keepGoing: true });
  assert.equal(none.message, 'There is nothing to serve.');
});

test('a file that exposes nothing is a failed start, not a wait for ever', async (t) => {
  const files = await capabilityFiles(t, capability({ operations: {}, faces: [] }));
  const error = await failedStart({ files });
  assert.equal(
    error.message,
    'There is nothing to serve: no file has an expose of type rest, mcp, skill or control.',
  );
  const rest = await capabilityFiles(
    t,
    capability({ operations: { get: { route: 'GET /items' } }, faces: ['rest'] }),
  );
  assert.match((await failedStart({ files: rest, stdio: true })).message, /stdin and stdout/);
});

test('a mock is closed again when the start fails', bounded, async (t) => {
  const taken = await occupy(t);
  const files = await capabilityFiles(t, text);
  const servers = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  const before = servers();
  await failedStart({ files, mock: true, restPort: taken, mcpPort: 0 });
  await failedStart({ files: [...files, '/nowhere.yaml'], mock: true });
  // A handle is gone a turn after its close.
  await until(() => servers() === before);
});

test('a folder is served as it is', async (t) => {
  const upstream = await startUpstream(t, { 'GET /items': { body: [1] } });
  const { files } = await startGateway(t, text, { upstream: upstream.origin });
  const folder = path.dirname(files[0] as string);
  const gateway = await createGateway({
    files: [folder],
    restPort: 0,
    mcpPort: 0,
    environment: {},
    baseUris: { 'things-api': upstream.origin },
  });
  t.after(() => gateway.stop());
  const [listener] = gateway.listeners;
  const answer = await send(`http://127.0.0.1:${listener?.port}`, '/items');
  assert.equal(answer.text, '[1]');
});
