import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptLog } from '../support/log.ts';
import { API, findingsOf, serveParts } from './content-capability.ts';
import { bounded } from './toolbox.ts';

const OPERATIONS = [
  {
    path: '/cities',
    operations: [
      {
        name: 'cities',
        method: 'GET',
        inputParameters: [
          { name: 'q', in: 'query' },
          { name: 'country', in: 'query' },
        ],
      },
      { name: 'add-city', method: 'POST' },
    ],
  },
  { path: '/broken', operations: [{ name: 'broken', method: 'GET' }] },
];

const PROMPTS = [
  {
    name: 'travel',
    arguments: [
      { name: 'way', completions: ['train', 'Trekking', 'bus', 'night train'] },
      { name: 'class', enum: ['first', 'second'], required: false },
      {
        name: 'city',
        required: false,
        completions: {
          call: 'api.cities',
          with: { q: '{{value}}', country: '{{country}}' },
          path: '$.items[*].name',
        },
      },
      { name: 'country', required: false },
      { name: 'all', required: false, completions: { call: 'api.cities', path: '$.codes' } },
      { name: 'broken', required: false, completions: { call: 'api.broken' } },
    ],
    template: [
      { role: 'user', content: '{{way}} {{class}} {{city}} {{country}} {{all}} {{broken}}' },
    ],
  },
];

const RESOURCES = [
  {
    name: 'user',
    uri: 'users://{kind}/{id}',
    call: 'api.user',
    inputParameters: [
      { name: 'kind', enum: ['person', 'robot'] },
      { name: 'id', completions: Array.from({ length: 250 }, (_, at) => at) },
    ],
  },
];

const api = {
  ...API,
  'GET /cities': {
    body: { items: [{ name: 'Ulm' }, { name: 'Köln' }, { name: 'Ulm' }], codes: [1, 21, null] },
  },
  'GET /broken': { status: 500, body: 'no' },
};

test('arguments are completed from lists, enums and calls in both eras', bounded, async (t) => {
  const log = keptLog();
  const { older, newer, upstream } = await serveParts(
    t,
    { prompts: PROMPTS, resources: RESOURCES },
    { api, resources: OPERATIONS, log },
  );
  for (const client of [older, newer]) {
    const complete = async (
      name: string,
      value: string,
      others?: Record<string, string>,
      ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string } = {
        type: 'ref/prompt',
        name: 'travel',
      },
    ) => {
      const context = others === undefined ? {} : { context: { arguments: others } };
      const { completion } = await client.complete({
        ref,
        argument: { name, value },
        ...context,
      });
      return completion;
    };
    assert.deepEqual(await complete('way', 'tr'), {
      values: ['train', 'Trekking', 'night train'],
      total: 3,
      hasMore: false,
    });
    assert.deepEqual((await complete('way', '')).values.length, 4);
    assert.deepEqual((await complete('class', 's')).values, ['second', 'first']);
    assert.deepEqual((await complete('city', 'U', { country: 'de', way: 'x' })).values, [
      'Ulm',
      'Köln',
    ]);
    assert.equal(upstream.requests.at(-1)?.url, '/cities?q=U&country=de');
    await complete('city', '');
    assert.equal(upstream.requests.at(-1)?.url, '/cities?q=');
    assert.deepEqual((await complete('all', '1')).values, ['1', '21']);
    assert.deepEqual((await complete('country', 'd')).values, []);
    assert.deepEqual((await complete('broken', 'd')).values, []);
    const ref = { type: 'ref/resource', uri: 'users://{kind}/{id}' } as const;
    assert.deepEqual((await complete('kind', 'ro', {}, ref)).values, ['robot']);
    const many = await complete('id', '', {}, ref);
    assert.deepEqual([many.values.length, many.total, many.hasMore], [100, 250, true]);
    await assert.rejects(
      complete('a', 'b', {}, { type: 'ref/prompt', name: 'travle' }),
      /Unknown prompt: "travle".*travel/,
    );
    await assert.rejects(
      complete('a', 'b', {}, { type: 'ref/resource', uri: 'users://x' }),
      /Unknown resource/,
    );
  }
  const told = log.lines.filter(({ level }) => level !== 'info' && level !== 'debug');
  assert.match(JSON.stringify(told), /completion of \\"broken\\"/);
});

test('what an enum does not hold is refused', bounded, async (t) => {
  const { newer } = await serveParts(
    t,
    { prompts: PROMPTS, resources: RESOURCES },
    { api, resources: OPERATIONS },
  );
  await assert.rejects(
    newer.getPrompt({ name: 'travel', arguments: { way: 'bus', class: 'third' } }),
    /class must be one of first, second/,
  );
  await assert.rejects(
    newer.readResource({ uri: 'users://cat/1' }),
    /kind must be equal to one of/,
  );
  const read = await newer.readResource({ uri: 'users://robot/1' });
  assert.equal(read.contents.length, 1);
});

test('completions that cannot be given are found at their place', async () => {
  const finds = async (completions: unknown): Promise<readonly string[]> => {
    const prompt = {
      name: 'p',
      arguments: [{ name: 'a', completions }],
      template: [{ role: 'user', content: '{{a}}' }],
    };
    return (await findingsOf({ prompts: [prompt] }, OPERATIONS)).found;
  };
  const at = '/prompts/0/arguments/0/completions';
  assert.deepEqual(await finds({ call: 'api.citis' }), [`CALL_UNKNOWN ${at}/call → api.cities`]);
  assert.deepEqual(await finds({ call: 'api.add-city' }), [`COMPLETIONS_INVALID ${at}/call`]);
  assert.deepEqual(await finds({ call: 'api.cities', path: '$[' }), [
    `JSONPATH_INVALID ${at}/path`,
  ]);
  assert.deepEqual(await finds({ call: 'api.cities', with: { q: '{{valu}}' } }), [
    `COMPLETIONS_INVALID ${at}/with`,
  ]);
  const resource = {
    name: 'r',
    uri: 'users://{id}',
    call: 'api.user',
    inputParameters: [{ name: 'ids', completions: ['1'] }],
  };
  assert.deepEqual((await findingsOf({ resources: [resource] })).found, [
    'RESOURCE_INVALID /resources/0/inputParameters/0/name → id',
  ]);
});
