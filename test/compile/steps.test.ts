import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { compileText, toolsOf } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { type Script, startUpstream, type TestUpstream } from '../support/upstream.ts';

const SHIP = {
  imo_number: 'IMO-1',
  vessel_name: 'Northern Star',
  year_built: '2015',
  dimensions: { length_overall: 200.5 },
  assignedCrew: ['C2', 'C9', 'C1'],
  captain: 7,
};
const CREW = [
  { crewId: 'C1', fullName: 'Ada', role: 'cook', rank: 1 },
  { crewId: 'C2', fullName: 'Bo', rank: 2 },
  { crewId: 'C2', fullName: 'Shadow', role: 'x' },
  { crewId: '7', fullName: 'Cyd', role: 'captain', rank: 9 },
];
const FLEET: Script = {
  'GET /ships/IMO-1': { body: SHIP },
  'GET /crew': { body: CREW },
  'POST /log': { status: 201, body: { id: 'L1' } },
};

const parameter = (name: string, place: string): object => ({ name, in: place });

const CONSUMES = {
  type: 'http',
  namespace: 'api',
  baseUri: 'http://upstream.invalid',
  resources: [
    {
      path: '/ships/{imo}',
      operations: [{ name: 'ship', method: 'GET', inputParameters: [parameter('imo', 'path')] }],
    },
    {
      path: '/crew',
      operations: [
        {
          name: 'crew',
          method: 'GET',
          inputParameters: [parameter('rank', 'query')],
          outputParameters: [{ name: 'crew-id', type: 'string', value: '$.crewId' }],
        },
      ],
    },
    {
      path: '/log',
      operations: [
        {
          name: 'log',
          method: 'POST',
          inputParameters: [parameter('text', 'body'), parameter('who', 'body')],
        },
      ],
    },
  ],
};

const SHIP_STEP = { type: 'call', name: 'get-ship', call: 'api.ship', with: { imo: '{{imo}}' } };
const CREW_STEP = { type: 'call', name: 'list-crew', call: 'api.crew' };
const LOOKUP = {
  type: 'lookup',
  name: 'find',
  index: 'list-crew',
  match: 'crew-id',
  lookupValue: '$.get-ship.assignedCrew',
  outputParameters: ['fullName', 'role'],
};
const IMO = { name: 'imo', type: 'string', required: true };

/** Text of a file whose one operation stands on both faces. */
function both(exposed: object, inputs: readonly object[] = [IMO]): string {
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [CONSUMES],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [
            {
              path: '/run',
              operations: [
                {
                  method: 'GET',
                  name: 'run',
                  inputParameters: inputs.map((input) => ({ in: 'query', ...input })),
                  ...exposed,
                },
              ],
            },
          ],
        },
        {
          type: 'mcp',
          namespace: 'kit',
          port: 9090,
          tools: [{ name: 'run', inputParameters: inputs, ...exposed }],
        },
      ],
    },
  });
}

interface Ran {
  readonly status: number;
  readonly value: unknown;
  readonly upstream: TestUpstream;
  readonly isError: boolean;
  readonly text: string;
}

/** Runs the operation through both faces; the value has to be the same. */
async function run(
  t: TestContext,
  exposed: object,
  options: { readonly script?: Script; readonly inputs?: readonly object[] } = {},
): Promise<Ran> {
  const upstream = await startUpstream(t, options.script ?? FLEET);
  const served = await startGateway(t, both(exposed, options.inputs), {
    upstream: upstream.origin,
  });
  const response = await fetch(`${served.rest}/run?imo=IMO-1`);
  const value: unknown = await response.json();
  const agent = await connectAgent(t, served.mcp);
  const result = await agent.callTool({ name: 'run', arguments: { imo: 'IMO-1' } });
  const isError = result.isError === true;
  const text = textOf(result);
  if (!isError) assert.deepEqual(JSON.parse(text), value, 'both faces give the same value');
  return { status: response.status, value, upstream, isError, text };
}

/** What is found, each once though it stands on two faces. */
async function codesOf(exposed: object, inputs?: readonly object[]): Promise<string[]> {
  const { findings } = await compileText(both(exposed, inputs));
  const codes = findings.map(
    ({ code, severity, suggestion }) =>
      `${severity} ${code}${suggestion === undefined ? '' : ` ${suggestion}`}`,
  );
  return [...new Set(codes)];
}

test('steps, a lookup by list and mappings make one typed answer', async (t) => {
  const { status, value } = await run(t, {
    steps: [SHIP_STEP, CREW_STEP, LOOKUP],
    mappings: [
      { targetName: 'imo', value: '$.get-ship.imo_number' },
      { targetName: 'built', value: '$.get-ship.year_built' },
      { targetName: 'size.length', value: '$.get-ship.dimensions.length_overall' },
      { targetName: 'flag', value: '$.get-ship.flag' },
      { targetName: 'crew', value: '$.find' },
      { targetName: 'note', value: 'The {{get-ship.vessel_name}} of {{find.0.fullName}}' },
    ],
    outputParameters: [
      { name: 'imo', type: 'string' },
      { name: 'built', type: 'number' },
      {
        name: 'size',
        type: 'object',
        properties: { length: { type: 'number' }, width: { type: 'number' } },
      },
      { name: 'flag', type: 'string' },
      {
        name: 'crew',
        type: 'array',
        items: [
          { name: 'fullName', type: 'string' },
          { name: 'role', type: 'string' },
        ],
      },
      { name: 'note', type: 'string' },
    ],
  });
  assert.equal(status, 200);
  assert.deepEqual(value, {
    imo: 'IMO-1',
    built: 2015,
    size: { length: 200.5, width: null },
    flag: null,
    crew: [
      { fullName: 'Bo', role: null },
      { fullName: 'Ada', role: 'cook' },
    ],
    note: 'The Northern Star of Bo',
  });
});

test('a lookup by value compares as text, and a later step can send what it found', async (t) => {
  const { value, upstream } = await run(t, {
    steps: [
      SHIP_STEP,
      CREW_STEP,
      {
        ...LOOKUP,
        match: 'crewId',
        lookupValue: '$.get-ship.captain',
        outputParameters: ['fullName', 'rank'],
      },
      {
        type: 'call',
        name: 'note',
        call: 'api.log',
        with: { text: '{{find.fullName}} sails {{imo}}', who: '$.find.rank' },
      },
    ],
    mappings: [{ targetName: 'logged', value: '$.note.id' }],
  });
  assert.deepEqual(value, { logged: 'L1' });
  const posts = upstream.requests.filter(({ method }) => method === 'POST');
  assert.deepEqual(JSON.parse(posts[0]?.body ?? ''), { text: 'Cyd sails IMO-1', who: 9 });
});

test('without mappings the last step answers, as it came or shaped', async (t) => {
  await t.test('a call as it came, with its status', async (t) => {
    const { status, value } = await run(t, {
      steps: [
        SHIP_STEP,
        { type: 'call', name: 'note', call: 'api.log', with: { text: '$.get-ship.vessel_name' } },
      ],
    });
    assert.equal(status, 201);
    assert.deepEqual(value, { id: 'L1' });
  });
  await t.test('a lookup', async (t) => {
    const { value } = await run(t, { steps: [SHIP_STEP, CREW_STEP, LOOKUP] });
    assert.deepEqual(value, [
      { fullName: 'Bo', role: null },
      { fullName: 'Ada', role: 'cook' },
    ]);
  });
  await t.test('outputs that name the steps', async (t) => {
    const { value } = await run(t, {
      steps: [SHIP_STEP, CREW_STEP],
      outputParameters: [
        { name: 'ship', type: 'string', mapping: '$.get-ship.vessel_name' },
        { name: 'first', type: 'string', mapping: '$.list-crew[0].crew-id' },
      ],
    });
    assert.deepEqual(value, { ship: 'Northern Star', first: 'C1' });
  });
});

test('a step without with is fed by name', async (t) => {
  const { value } = await run(t, {
    steps: [{ type: 'call', name: 'get-ship', call: 'api.ship' }, CREW_STEP],
    mappings: [
      { targetName: 'a', value: '$.get-ship.imo_number' },
      { targetName: 'n', value: '$.list-crew.length()' },
    ],
  });
  assert.deepEqual(value, { a: 'IMO-1', n: 4 });
});

test('independent steps run at the same time; what changes something keeps its place', async (t) => {
  const order: string[] = [];
  let release: (() => void) | undefined;
  const together = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting = new Set<string>();
  const upstream = await startUpstream(t, async ({ method, url }, response) => {
    order.push(`${method} ${url}`);
    if (method === 'GET') {
      waiting.add(url);
      // Neither is answered before both have come.
      if (waiting.size === 2) release?.();
      await together;
    }
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  const served = await startGateway(
    t,
    both({
      steps: [
        SHIP_STEP,
        CREW_STEP,
        { type: 'call', name: 'note', call: 'api.log', with: { text: 'x' } },
        { type: 'call', name: 'again', call: 'api.crew', with: { rank: 1 } },
      ],
      mappings: [
        { targetName: 'a', value: '$.get-ship.x' },
        { targetName: 'b', value: '$.list-crew.x' },
        { targetName: 'c', value: '$.again' },
      ],
    }),
    { upstream: upstream.origin },
  );
  const response = await fetch(`${served.rest}/run?imo=IMO-1`);
  assert.equal(response.status, 200);
  assert.deepEqual(new Set(order.slice(0, 2)), new Set(['GET /ships/IMO-1', 'GET /crew']));
  assert.deepEqual(order.slice(2), ['POST /log', 'GET /crew?rank=1']);
});

test('the first step that fails ends the others, and is named', async (t) => {
  for (const [status, wanted] of [
    [404, 404],
    [500, 502],
  ] as const) {
    let hanging: (() => void) | undefined;
    const broken = new Promise<void>((resolve) => {
      hanging = resolve;
    });
    const script: Script = {
      'GET /ships/IMO-1': { status, body: { secret: 'x' } },
      'GET /crew': (_, response) => {
        // Never answered: only the failure of the other step ends it.
        response.on('close', () => hanging?.());
      },
    };
    const upstream = await startUpstream(t, script);
    const served = await startGateway(t, both({ steps: [CREW_STEP, SHIP_STEP, LOOKUP] }), {
      upstream: upstream.origin,
    });
    const response = await fetch(`${served.rest}/run?imo=IMO-1`);
    assert.equal(response.status, wanted);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    const problem = (await response.json()) as { code: string; detail: string; step?: string };
    assert.equal(problem.code, 'UPSTREAM_REJECTED');
    assert.match(
      problem.detail,
      /The step "get-ship" was answered with status (404|500) by api\.ship/,
    );
    await broken;
  }
});

test('an orchestration of one step names it, too', async (t) => {
  const { status, isError, text } = await run(
    t,
    { steps: [SHIP_STEP], mappings: [{ targetName: 'a', value: '$.get-ship.imo_number' }] },
    { script: {} },
  );
  assert.equal(status, 404);
  assert.equal(isError, true);
  assert.match(text, /The step "get-ship"/);
});

test('inputs follow from what the steps refer to when none are declared', async () => {
  const compiled = await compileText(
    both(
      {
        inputParameters: undefined,
        steps: [{ ...SHIP_STEP, with: { imo: 'tools.number' } }, CREW_STEP],
      },
      [],
    ),
  );
  const [tool] = toolsOf(compiled);
  assert.deepEqual(
    tool?.operation.inputs.map(({ name, required }) => [name, required]),
    [
      ['number', true],
      ['rank', false],
    ],
  );
  assert.equal(tool?.definition.annotations?.readOnlyHint, true);
});

test('what steps cannot mean is found at load', async () => {
  const used = { mappings: [{ targetName: 'x', value: '$.get-ship' }] };
  assert.deepEqual(await codesOf({ steps: [SHIP_STEP, CREW_STEP], ...used }), [
    'warning STEP_UNUSED',
  ]);
  assert.deepEqual(await codesOf({ steps: [SHIP_STEP, SHIP_STEP], ...used }), [
    'error STEP_DUPLICATE',
  ]);
  assert.deepEqual(
    await codesOf({ steps: [SHIP_STEP], mappings: [{ targetName: 'x', value: '$.get-shp.a' }] }),
    ['error REFERENCE_UNKNOWN get-ship'],
  );
  assert.deepEqual(await codesOf({ steps: [LOOKUP, SHIP_STEP, CREW_STEP] }), [
    'error REFERENCE_UNKNOWN',
  ]);
  const { findings } = await compileText(both({ steps: [LOOKUP, SHIP_STEP, CREW_STEP] }));
  assert.match(
    findings[0]?.message ?? '',
    /"list-crew" refers to the step "list-crew", which does not come before this one/,
  );
  assert.deepEqual(await codesOf({ steps: [{ ...SHIP_STEP, call: 'api.shp' }], ...used }), [
    'error CALL_UNKNOWN api.ship',
  ]);
  assert.deepEqual(
    await codesOf({
      steps: [SHIP_STEP],
      ...used,
      outputParameters: [{ name: 'y', type: 'object' }],
    }),
    ['warning MAPPING_UNKNOWN'],
  );
  assert.deepEqual(
    await codesOf({ steps: [SHIP_STEP], mappings: [{ targetName: 'x', value: '$.get-ship[' }] }),
    ['error JSONPATH_INVALID'],
  );
});

test('a call may stand in a block with its own with, whose entries win', async (t) => {
  const { value } = await run(t, {
    call: { operation: 'api.ship', with: { imo: '{{imo}}' } },
    with: { imo: 'IMO-2' },
    outputParameters: [{ type: 'string', mapping: '$.vessel_name' }],
  });
  assert.equal(value, 'Northern Star');
});

test('scripts are refused where nothing gave their code', async () => {
  const steps = [SHIP_STEP, { type: 'script', name: 'make', file: 'make.js' }];
  assert.deepEqual(await codesOf({ steps }), ['error SCRIPT_NOT_ALLOWED']);
});
