import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  type Cloudio,
  type CloudioOptions,
  SERVICE_ACCOUNT,
  startCloudio,
} from '../../src/sandbox/cloudio.ts';
import { bounded } from '../support/http.ts';
import type { Actor, Reply } from './actor.ts';
import { assertNoLeak } from './leaks.ts';
import { checkTable, createLedger } from './ledger.ts';
import { operationsOf } from './outline.ts';
import { capabilityPath, type Stage, setStage } from './serve.ts';

const FILE = capabilityPath('cloudio.yaml');
const ledger = createLedger(operationsOf(FILE));
const LOGIN = 'POST /v1/auth';
const API = 'POST /v1/api';

interface Scene extends Stage {
  readonly cloudio: Cloudio;
}

async function scene(t: TestContext, story: string, options: CloudioOptions = {}): Promise<Scene> {
  const cloudio = await startCloudio(t, options);
  const { username, password } = SERVICE_ACCOUNT;
  const stage = await setStage(t, {
    file: FILE,
    story,
    ledger,
    environment: { CLOUDIO_USER: username, CLOUDIO_PASSWORD: password },
    baseUris: { 'cloudio-api': cloudio.api.origin },
    dryRun: ['query', '--arg', 'dataSource=Employees'],
  });
  return { ...stage, cloudio };
}

const nothingLeaked = async ({ cloudio, said }: Scene): Promise<void> =>
  assertNoLeak(cloudio.secrets(), await said());

type Row = Readonly<Record<string, unknown>>;

function rowsOf(reply: Reply): readonly Row[] {
  assert.ok(reply.ok, reply.text);
  return (reply.value as { readonly rows: readonly Row[] }).rows;
}

async function refuses(reply: Promise<Reply>, status: number, about: RegExp): Promise<void> {
  const { ok, status: given, text } = await reply;
  assert.deepEqual([ok, given], [false, status], text);
  assert.match(text, about);
}

function overBothFaces(name: string, tell: (actor: Actor, given: Scene) => Promise<void>): void {
  for (const face of [0, 1] as const) {
    test(`CloudIO over ${['REST', 'MCP'][face]}: ${name}`, bounded, async (t) => {
      const given = await scene(t, name);
      await tell(given.actors[face], given);
      await nothingLeaked(given);
    });
  }
}

const dataSource = 'Employees';
const STAFF = [
  { name: 'Ada', age: 36 },
  { name: 'Grace', age: 85 },
  { name: 'Linus', age: 28 },
];

overBothFaces('a whole life', async (actor, { cloudio }) => {
  const { username, password } = SERVICE_ACCOUNT;
  await refuses(
    actor.call('authenticate', { username, password: 'wrong' }),
    403,
    /Invalid username/,
  );
  const session = await actor.call('authenticate', { username, password });
  assert.equal((session.value as Row).userName, username);
  assert.deepEqual(rowsOf(await actor.call('query', { dataSource })), []);
  assert.equal(cloudio.api.count(LOGIN), 3, 'the gateway has a session of its own');
  assert.deepEqual(rowsOf(await actor.call('query', { dataSource })), []);
  cloudio.forgetSessions();
  assert.deepEqual(rowsOf(await actor.call('query', { dataSource })), [], 'renewed unnoticed');
  assert.equal(cloudio.api.count(LOGIN), 4);

  cloudio.changePassword('другой пароль');
  assert.ok((await actor.call('query', { dataSource })).ok, 'the session lasts');
  cloudio.forgetSessions();
  await refuses(actor.call('query', { dataSource }), 502, /Logging in .* failed.* 403/);
  await refuses(actor.call('insert', { dataSource, rows: STAFF }), 502, /Logging in/);
  assert.deepEqual(cloudio.rows(dataSource), []);
});

overBothFaces('rows', async (actor, { cloudio }) => {
  const made = rowsOf(await actor.call('insert', { dataSource, rows: STAFF }));
  assert.deepEqual(
    made.map(({ name, _rs }) => [name, _rs]),
    [
      ['Ada', 'Q'],
      ['Grace', 'Q'],
      ['Linus', 'Q'],
    ],
  );
  const query = {
    dataSource,
    filter: [{ age: { lt: 80 } }],
    projection: { name: 1 },
    sort: { name: -1 },
  };
  const found = await actor.call('query', query);
  assert.deepEqual(
    rowsOf(found).map(({ name, age }) => [name, age]),
    [
      ['Linus', undefined],
      ['Ada', undefined],
    ],
  );
  assert.equal((found.value as Row).rowsFetched, 2);
  const page = await actor.call('query', { dataSource, sort: { name: 1 }, offset: 1, limit: 1 });
  const [grace] = rowsOf(page);
  assert.ok(grace !== undefined);
  assert.equal(grace.name, 'Grace');

  const { id, lastUpdateDate } = grace;
  const [older] = rowsOf(
    await actor.call('update', { dataSource, rows: [{ id, lastUpdateDate, age: 86 }] }),
  );
  assert.equal(older?.age, 86);
  const stale = actor.call('update', { dataSource, rows: [{ id, lastUpdateDate, age: 87 }] });
  await refuses(stale, 400, /changed by another user/);
  const rows = [{ id, lastUpdateDate: older?.lastUpdateDate }];
  assert.equal(rowsOf(await actor.call('delete', { dataSource, rows })).length, 1);
  assert.deepEqual(
    cloudio.rows(dataSource).map(({ name }) => name),
    ['Ada', 'Linus'],
  );
  await refuses(actor.call('query', { dataSource: 'Nothing' }), 400, /Unknown data source/);
  await refuses(actor.call('insert', { dataSource, rows: ['Ada'] }), 400, /rows/);
});

overBothFaces('several data sources at once', async (actor) => {
  const body = {
    people: { ds: 'Employees', data: [{ _rs: 'I', name: 'Ada' }] },
    places: { ds: 'Sites', query: { filter: [], offset: 0, limit: 10 } },
  };
  const { ok, value, text } = await actor.call('call-data-sources', { body });
  assert.ok(ok, text);
  const { people, places } = value as Record<string, { readonly data: readonly Row[] }>;
  assert.equal(people?.data[0]?.name, 'Ada');
  assert.deepEqual(places?.data, []);
});

overBothFaces('values of workflows', async (actor) => {
  const [all, one] = [
    { wfUid: 'w-1', key: 'seen' },
    { wfInstUid: 'i-1', key: 'seen' },
  ];
  const answerOf = async (operation: string, inputs: object): Promise<unknown> => {
    const { ok, value, text } = await actor.call(operation, { ...inputs });
    assert.ok(ok, text);
    return (value as Row).value;
  };
  assert.equal(await answerOf('wf-get', all), null);
  assert.deepEqual(await answerOf('wf-put', { ...all, value: { a: [1] } }), { a: [1] });
  assert.deepEqual(await answerOf('wf-get', all), { a: [1] });
  assert.equal(await answerOf('wf-put', { ...all, value: 7 }), 7, 'a number stays one');
  assert.equal(await answerOf('wf-increment-and-get', all), 8);
  assert.equal(await answerOf('wf-instance-put', { ...one, value: 1 }), 1);
  assert.equal(await answerOf('wf-instance-increment-and-get', one), 2);
  assert.equal(await answerOf('wf-instance-get', one), 2);
});

test(
  'CloudIO: two hundred callers at once log in once, and nothing is inserted twice',
  bounded,
  async (t) => {
    const given = await scene(t, 'two hundred callers at once');
    const { actors, cloudio } = given;
    const insertAll = (from: number): Promise<Reply[]> =>
      Promise.all(
        Array.from({ length: 200 }, (_, at) =>
          (actors[at % 2] as Actor).call('insert', {
            dataSource,
            rows: [{ name: `n${from + at}` }],
          }),
        ),
      );
    for (const reply of await insertAll(0)) assert.ok(reply.ok, reply.text);
    assert.equal(cloudio.api.count(LOGIN), 1);
    cloudio.forgetSessions();
    for (const reply of await insertAll(200)) assert.ok(reply.ok, reply.text);
    assert.equal(cloudio.api.count(LOGIN), 2);
    const names = new Set(cloudio.rows(dataSource).map(({ name }) => name));
    assert.deepEqual([names.size, cloudio.rows(dataSource).length], [400, 400]);
    await nothingLeaked(given);
  },
);

test('CloudIO: sessions of a second end under callers who notice nothing', bounded, async (t) => {
  const given = await scene(t, 'sessions that end', { sessionLife: 1 });
  const { actors, cloudio } = given;
  while (cloudio.api.count(LOGIN) < 4) {
    for (const actor of actors) rowsOf(await actor.call('query', { dataSource }));
  }
  await nothingLeaked(given);
});

test('CloudIO: a login that is refused with 200 is none', bounded, async (t) => {
  const given = await scene(t, 'a login that says ERROR', { politeRefusal: true });
  const { actors, cloudio } = given;
  cloudio.changePassword('nobody knows it');
  for (const actor of actors) {
    await refuses(
      actor.call('query', { dataSource }),
      502,
      /\$\.status is not what success looks like/,
    );
  }
  assert.equal(cloudio.api.count(API), 0);
  assert.equal(cloudio.api.count(LOGIN), 1, 'who is wrong is not asked again at once');
  await nothingLeaked(given);
});

test('CloudIO: the server restarts in the middle', bounded, async (t) => {
  const given = await scene(t, 'a restart of the server');
  const { actors, cloudio } = given;
  for (const actor of actors) rowsOf(await actor.call('query', { dataSource }));
  await cloudio.api.stop();
  for (const actor of actors) {
    await refuses(actor.call('query', { dataSource }), 502, /refused the connection/);
  }
  cloudio.forgetSessions();
  await cloudio.api.start();
  for (const actor of actors) rowsOf(await actor.call('query', { dataSource }));
  assert.equal(cloudio.api.count(LOGIN), 2);
  await nothingLeaked(given);
});

test('CloudIO: every operation was shown over both faces, and the page says by what', () =>
  checkTable('cloudio.md', ledger));
