import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../src/document/load.ts';
import { compileText, toolsOf } from '../support/compile.ts';

const FORM = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
};
const ASK = { name: 'user', type: 'elicit', message: 'Who?', schema: FORM };

function file(parts: {
  readonly tools?: readonly object[];
  readonly resources?: readonly object[];
  readonly prompts?: readonly object[];
  readonly rest?: readonly object[];
  readonly functions?: readonly object[];
}): string {
  const { tools = [], resources = [], prompts = [], rest, functions = [] } = parts;
  const operations = [
    { name: 'get', method: 'GET' },
    { name: 'make', method: 'POST', inputParameters: [{ name: 'name', in: 'query' }] },
  ];
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      aggregates: [{ namespace: 'shared', label: 'Shared', functions }],
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'https://api.example.com',
          resources: [{ path: '/things', operations }],
        },
      ],
      exposes: [
        { type: 'mcp', namespace: 'mcp', port: 9090, tools, resources, prompts },
        ...(rest === undefined
          ? []
          : [
              {
                type: 'rest',
                namespace: 'web',
                port: 8080,
                resources: [{ path: '/x', operations: rest }],
              },
            ]),
      ],
    },
  });
}

type Parts = Parameters<typeof file>[0];

/** Findings about asking, each with its place below the exposes and the first words of its message. */
async function found(parts: Parts): Promise<string[]> {
  const text = file(parts);
  const { document, findings: refused } = loadText('test.yaml', text);
  const findings = document === undefined ? refused : (await compileText(text)).findings;
  return findings
    .filter(({ code }) => /^(?:ASK|PROMPT|STEP|KEY|VALUE|TEMPLATE)_/.test(code))
    .map(({ severity, code, pointer, message }) => {
      const place = pointer.replace('/capability/exposes', '').replace('/capability', '');
      return `${severity} ${code} ${place} ${message}`;
    });
}

const asking = (step: object, more: object = {}): Parts => ({
  tools: [
    { name: 'ask', steps: [{ name: 'user', type: 'elicit', message: 'Who?', ...step }], ...more },
  ],
});

const field = (schema: object): Parts => asking({ schema: { properties: { it: schema } } });

test('a tool may ask: its steps wait for one another as any others do', async () => {
  const compiled = await compileText(
    file({
      tools: [
        {
          name: 'ask',
          steps: [
            { name: 'first', type: 'call', call: 'api.get' },
            ASK,
            { name: 'make', type: 'call', call: 'api.make', with: { name: '{{user.name}}' } },
            { name: 'where', type: 'roots', optional: true },
            { name: 'last', type: 'call', call: 'api.get' },
          ],
        },
      ],
    }),
  );
  const [tool] = toolsOf(compiled);
  assert.deepEqual(
    tool?.operation.chain?.map(({ step, after }) => [step.name, after]),
    [
      ['first', []],
      ['user', []],
      ['make', [0, 1]],
      ['where', [2]],
      // What is handed on as it comes waits until nothing is asked any more.
      ['last', [2, 1, 3]],
    ],
  );
  assert.deepEqual(
    compiled.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
});

test('where nobody can be asked, an asking step is an error that says why', async () => {
  const why = 'a REST request is answered once, with nobody to ask in between.';
  const [own, ...others] = await found({ rest: [{ method: 'GET', steps: [ASK] }] });
  assert.deepEqual(others, []);
  assert.ok(
    own?.startsWith('error ASK_IMPOSSIBLE /1/resources/0/operations/0/steps/0 The step "user"'),
  );
  assert.ok(own?.includes(why), own);

  const functions = [{ name: 'fn', description: 'F', steps: [ASK] }];
  const viaTool = await found({ functions, tools: [{ ref: 'shared.fn' }] });
  assert.deepEqual(viaTool, []);
  const [viaRest] = await found({
    functions,
    tools: [{ ref: 'shared.fn' }],
    rest: [{ method: 'GET', ref: 'shared.fn' }],
  });
  assert.ok(
    viaRest?.startsWith(
      'error ASK_IMPOSSIBLE /1/resources/0/operations/0/ref The step "user" of the function "fn" asks a client, but a REST',
    ),
    viaRest,
  );

  const [read] = await found({ resources: [{ name: 'r', uri: 'x://y', steps: [ASK] }] });
  assert.match(
    read ?? '',
    /^error ASK_IMPOSSIBLE \/0\/resources\/0\/steps\/0 .*a resource is read without anybody/,
  );
});

const at = '/0/tools/0/steps/0';
const wrong: readonly (readonly [string, Parts, RegExp])[] = [
  [
    'a nested field',
    field({ type: 'object', properties: {} }),
    /\/schema\/properties\/it The field "it" has the type "object".*nothing nests/,
  ],
  ['no type', field({ minLength: 1 }), /has no type\. Clients draw forms of string/],
  ['no schema at all', field([]), /is no schema/],
  [
    'an unknown keyword',
    field({ type: 'string', contentEncoding: 'x' }),
    /"contentEncoding", which clients do not know in a text/,
  ],
  [
    'an unknown format',
    field({ type: 'string', format: 'ipv4' }),
    /"format" that makes no sense.*email, uri, date, date-time/,
  ],
  [
    'a list of anything',
    field({ type: 'array', items: { type: 'number' } }),
    /"items" that makes no sense in a list of choices/,
  ],
  ['a list without items', field({ type: 'array' }), /is a list without items/],
  ['choices that repeat', field({ type: 'string', enum: ['a', 'a'] }), /a list of different texts/],
  [
    'names for some choices',
    field({ type: 'string', enum: ['a', 'b'], enumNames: ['A'] }),
    /not as many enumNames/,
  ],
  [
    'a titled choice without title',
    field({ type: 'string', oneOf: [{ const: 'a' }] }),
    /a list of \{const, title\}/,
  ],
  [
    'a default that does not fit',
    field({ type: 'integer', maximum: 3, default: 4 }),
    /\/it\/default The default of "it" is not what/,
  ],
  [
    'a pattern that is none',
    field({ type: 'string', pattern: '(' }),
    /The field "it" cannot be checked/,
  ],
  [
    'a required stranger',
    asking({ schema: { ...FORM, required: ['nam'] } }),
    /\/schema\/required\/0 "nam" is no field/,
  ],
  [
    'more than a form',
    asking({ schema: { ...FORM, allOf: [] } }),
    /\/schema\/allOf A form has no "allOf"/,
  ],
  [
    'a list for a schema',
    asking({ schema: { type: 'array' } }),
    /\/schema\/type The schema of a form is an object/,
  ],
  [
    'a form and a page',
    asking({ schema: FORM, url: 'https://a.example/b' }),
    /\/schema A user is asked by a form or sent to a page/,
  ],
  ['a page of no scheme', asking({ url: 'a.example/b' }), /\/url "a\.example\/b" is no page/],
  [
    'a page of another scheme',
    asking({ url: 'javascript:alert(1)' }),
    /is no page that a browser opens/,
  ],
  [
    'a host that others complete',
    asking({ url: 'https://a.example{{x}}' }),
    /Write it with its host/,
  ],
];

for (const [name, parts, message] of wrong) {
  test(`a form or page that clients cannot take: ${name}`, async () => {
    const all = (await found(parts)).filter((each) => each.includes('ASK_'));
    assert.equal(all.length, 1, JSON.stringify(all));
    assert.match(all[0] ?? '', /^error ASK_INVALID \/0\/tools\/0\/steps\/0/);
    assert.match(all[0] ?? '', message);
  });
}

test('a near name is suggested for a required stranger', async () => {
  const { findings } = await compileText(file(asking({ schema: { ...FORM, required: ['nam'] } })));
  assert.equal(findings.find(({ code }) => code === 'ASK_INVALID')?.suggestion, 'name');
});

test('a model is asked with one of prompt and messages', async () => {
  const step = { name: 'word', type: 'sample' };
  const messages = [{ role: 'user', content: 'Hi' }];
  assert.deepEqual(await found({ tools: [{ name: 'a', steps: [{ ...step, messages }] }] }), []);
  for (const [given, has] of [
    [{}, 'neither'],
    [{ prompt: 'Hi', messages }, 'both'],
  ] as const) {
    const [one] = await found({ tools: [{ name: 'a', steps: [{ ...step, ...given }] }] });
    assert.ok(
      one?.startsWith(`error ASK_INVALID ${at} A model is asked`) && one.includes(has),
      one,
    );
  }
});

test('what looks like a secret is warned of, and what only sounds like one is not', async () => {
  const text = { type: 'string' };
  for (const name of ['password', 'apiKey', 'user_token', 'Card number', 'newPassphrase', 'PIN']) {
    const [one] = await found(asking({ schema: { properties: { [name]: text } } }));
    assert.match(
      one ?? '',
      /^warning ASK_SECRET \/0\/tools\/0\/steps\/0\/schema\/properties/,
      name,
    );
  }
  const titled = asking({ schema: { properties: { it: { ...text, title: 'Your password' } } } });
  assert.match((await found(titled))[0] ?? '', /ASK_SECRET/);
  const properties = {
    spinning: text,
    keyboard: text,
    'secretary name': text,
    passwordless: { type: 'boolean' },
    tokens: { type: 'integer' },
  };
  assert.deepEqual(await found(asking({ schema: { properties } })), []);
});

test('steps that ask are held to their keys', async () => {
  const [missing] = await found({ tools: [{ name: 'a', steps: [{ name: 'x', type: 'elicit' }] }] });
  assert.match(missing ?? '', /^error KEY_MISSING .*elicit step needs the key "message"/);
  const [unknown] = await found(asking({ schema: FORM, messsage: 'x' }));
  assert.match(unknown ?? '', /^warning KEY_UNKNOWN .*"messsage" has no meaning in an elicit step/);
  const steps = [{ name: 'x', type: 'sample', prompt: 'Hi', maxTokens: 0 }];
  assert.match((await found({ tools: [{ name: 'a', steps }] }))[0] ?? '', /maxTokens/);
});

test('a prompt with steps has its inputs from its arguments alone', async () => {
  const template = [{ role: 'user', content: '{{make.id}} {{mak.id}}' }];
  const call = { call: 'api.make', with: { name: '{{who}}' } };
  const all = await found({ prompts: [{ name: 'p', ...call, template }] });
  assert.deepEqual(
    all.map((each) => each.split(' ').slice(0, 3).join(' ')),
    [
      'warning PROMPT_TAG_UNKNOWN /0/prompts/0/template/0/content',
      'error PROMPT_INVALID /0/prompts/0/call',
    ],
  );
  const declared = { name: 'p', arguments: [{ name: 'who' }], ...call };
  const fine = [{ role: 'user', content: '{{make.id}}' }];
  assert.deepEqual(await found({ prompts: [{ ...declared, template: fine }] }), []);
  const [both] = await found({ prompts: [{ ...declared, steps: [ASK], template: fine }] });
  assert.match(both ?? '', /^error PROMPT_INVALID \/0\/prompts\/0\/call .*both a call and steps/);
});
