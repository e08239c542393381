import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { createEvents } from '../../src/mcp/events.ts';
import { createResourceCore } from '../../src/mcp/resources.ts';
import { createWatch } from '../../src/mcp/watch.ts';
import type { DynamicResourcePlan } from '../../src/plan/plan.ts';
import { startGateway } from '../support/gateway.ts';
import { connectNewer } from '../support/newer-agent.ts';
import { startUpstream } from '../support/upstream.ts';
import { exposing, findingsOf } from './content-capability.ts';
import { answered, bounded, input, step, until } from './toolbox.ts';

const URI = 'things://a';

const watched = (extra: Partial<DynamicResourcePlan> = {}): DynamicResourcePlan => ({
  kind: 'dynamic',
  definition: { uri: URI, name: 'a' },
  operation: { id: 'a', inputs: [], steps: [step()], answer: { kind: 'identity' } },
  watchMs: 5,
  ...extra,
});

/** A watch over one resource that gives what `read` gives; it ends with the test. */
function watching(t: TestContext, plan: DynamicResourcePlan, read: () => unknown) {
  const events = createEvents();
  const seen: string[] = [];
  const failures: string[] = [];
  let reads = 0;
  const core = createResourceCore([plan], {
    async readResource() {
      reads += 1;
      return answered(read());
    },
    onFailure: (error) => failures.push(error.code),
  });
  const watch = createWatch([plan], core, events);
  t.after(watch.close);
  events.listen((event) => seen.push('uri' in event ? event.uri : event.kind));
  return { events, watch, seen, failures, reads: () => reads };
}

test(
  'a watched resource is read only while it is wanted, and told of when it changes',
  bounded,
  async (t) => {
    let value = 1;
    const { events, seen, reads } = watching(t, watched(), () => ({ value }));
    assert.equal(reads(), 0);
    const drop = events.want(URI);
    const other = events.want(URI);
    await until(() => reads() >= 3);
    assert.deepEqual(seen, []);
    value = 2;
    await until(() => seen.length === 1);
    const before = reads();
    await until(() => reads() >= before + 3);
    assert.deepEqual(seen, [URI], 'one change is told once');
    drop();
    const still = reads();
    await until(() => reads() > still);
    other();
    const after = reads();
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.ok(reads() <= after + 1, 'nobody wants it, so nobody reads it');
  },
);

test('a template is watched by the URI that is wanted, others are not', bounded, async (t) => {
  let value = 1;
  const plan = watched({
    definition: { uri: 'things://{id}', name: 'a' },
    template: [{ text: 'things://' }, { variable: 'id' }],
    operation: {
      id: 'a',
      inputs: [input('id', 'string')],
      steps: [step()],
      answer: { kind: 'identity' },
    },
  });
  const { events, seen, reads } = watching(t, plan, () => ({ value }));
  events.want('others://a');
  events.want('things://b');
  await until(() => reads() >= 2);
  value = 2;
  await until(() => seen.length === 1);
  assert.deepEqual(seen, ['things://b']);
});

test(
  'failures are told and make looks rarer; the next success is compared with the last',
  bounded,
  async (t) => {
    let fails = false;
    let value = 1;
    const { events, seen, failures, reads } = watching(t, watched(), () => {
      if (fails) throw new Error('down');
      return { value };
    });
    events.want(URI);
    await until(() => reads() >= 2);
    fails = true;
    await until(() => failures.length >= 3);
    assert.deepEqual(seen, []);
    value = 2;
    fails = false;
    await until(() => seen.length === 1);
  },
);

test('a closed watch reads no more', bounded, async (t) => {
  const { events, watch, reads } = watching(t, watched(), () => ({}));
  events.want(URI);
  await until(() => reads() >= 1);
  watch.close();
  const after = reads();
  events.want('things://b');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(reads() <= after + 1);
});

test('subscribers of both eras hear of changes through the gateway', bounded, async (t) => {
  let value = 0;
  const upstream = await startUpstream(t, {
    'GET /user': (_request, response) => {
      value += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ value }));
    },
  });
  const resource = { name: 'a', uri: URI, call: 'api.user', watch: { every: '1s' } };
  const { mcp } = await startGateway(t, exposing({ resources: [resource] }), {
    upstream: upstream.origin,
  });
  const heard = new Set<string>();
  const older = new Client({ name: 'older', version: '1.0.0' });
  older.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard.add(`older ${params.uri}`);
  });
  await older.connect(new StreamableHTTPClientTransport(new URL(mcp)) as Transport);
  t.after(() => older.close());
  const newer = await connectNewer(t, mcp, { pin: '2026-07-28' });
  newer.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    heard.add(`newer ${params.uri}`);
  });
  assert.equal(upstream.requests.length, 0, 'nobody subscribed');
  await older.subscribeResource({ uri: URI });
  await newer.listen({ resourceSubscriptions: [URI] });
  await until(() => heard.size === 2);
  assert.deepEqual(heard, new Set([`newer ${URI}`, `older ${URI}`]));
});

test('an interval that is none is found at its place', async () => {
  const finds = async (every: string): Promise<readonly string[]> =>
    (
      await findingsOf({
        resources: [{ name: 'a', uri: URI, call: 'api.user', watch: { every } }],
      })
    ).found;
  const at = '/resources/0/watch/every';
  assert.deepEqual(await finds('5s'), []);
  assert.deepEqual(await finds('1.5m'), []);
  for (const every of ['5', 'soon', '100ms', '25h', '-5s', '0s']) {
    assert.deepEqual(await finds(every), [`WATCH_INVALID ${at}`], every);
  }
  const folder = { name: 'f', uri: 'docs://f', location: 'file:///./docs', watch: { every: '5s' } };
  const { found } = await findingsOf({ resources: [folder] });
  assert.ok(found.includes('KEY_UNKNOWN /resources/0/watch'), JSON.stringify(found));
});
