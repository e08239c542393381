import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startUpstream } from '../support/upstream.ts';
import { folderOf, naftiko } from './naftiko.ts';

const bounded = { timeout: 30_000 };

/** Two calls at the same time, a lookup, a call that needs it, a script. */
const harbour = (baseUri: string): string => `naftiko: 1.0.0-alpha2
info: { label: Harbour }
binds:
  - { namespace: env, keys: { CLI_TEST_GUARD: CLI_TEST_GUARD, CLI_TEST_TOKEN: CLI_TEST_TOKEN } }
capability:
  consumes:
    - type: http
      namespace: ships
      baseUri: ${baseUri}
      authentication: { type: bearer, token: '{{CLI_TEST_TOKEN}}' }
      resources:
        - name: ships
          path: /ships/{imo}
          operations: [{ name: get, method: GET }]
        - name: ports
          path: /ports
          operations: [{ name: list, method: GET }]
        - name: berths
          path: /ports/{port}/berths
          operations:
            - name: book
              method: POST
              inputParameters:
                - { name: note, in: query, type: string }
              body: { type: json, data: { ship: '{{imo}}', flag: '{{flag}}' } }
  exposes:
    - type: rest
      namespace: harbour-rest
      port: 8080
      resources:
        - path: /proxy/{path}
          forward: { targetNamespace: ships, trustedHeaders: [X-Request-Id] }
        - path: /quay
          operations:
            - method: GET
              name: quay
              outputParameters: [{ type: array, items: [{ type: string, value: Nine }] }]
    - type: mcp
      namespace: harbour-mcp
      port: 9090
      authentication: { type: bearer, token: '{{CLI_TEST_GUARD}}' }
      tools:
        - name: book-berth
          description: Books a berth where a ship is bound for.
          inputParameters:
            - { name: imo, type: string, required: true, description: The ship. }
          steps:
            - { type: call, name: ship, call: ships.get, with: { imo: '{{imo}}' } }
            - { type: call, name: ports, call: ships.list }
            - type: lookup
              name: port
              index: ports
              match: code
              lookupValue: $.ship.destination
              outputParameters: [id]
            - type: call
              name: berth
              call: ships.book
              with: { port: $.port.id, flag: $.ship.flag, note: 'for {{ship.name}}' }
            - { type: script, name: line, language: javascript, location: 'file:///./', file: line.js, with: { berth: $.berth } }
          mappings:
            - { targetName: text, value: $.line.text }
          outputParameters: [{ name: text, type: string }]
      resources:
        - name: quay
          uri: harbour://quay/{{imo}}
          description: The ship at a quay.
          mimeType: application/json
          call: ships.get
          with: { imo: '{{imo}}' }
      prompts:
        - name: greet
          description: Greets a ship.
          arguments: [{ name: ship, description: Its name., required: true }]
          template: [{ role: user, content: 'Greet {{ship}}.' }]
    - type: skill
      namespace: harbour-skill
      port: 8090
      skills:
        - name: berths
          description: Berths.
          tools:
            - { name: book, description: Books., from: { sourceNamespace: harbour-mcp, action: book-berth } }
    - type: control
      port: 9999
`;

async function harbourIn(t: TestContext, baseUri = 'https://ships.example/v1'): Promise<string[]> {
  const folder = await folderOf(t, {
    'harbour.yaml': harbour(baseUri),
    'line.js': 'var result = { text: context.berth };',
    '.env': 'CLI_TEST_TOKEN=sesame-open\nCLI_TEST_GUARD=guarded-well\n',
  });
  return [join(folder, 'harbour.yaml'), '--env-file', join(folder, '.env')];
}

test('inspect shows steps in stages, what feeds them, and what comes of it', bounded, async (t) => {
  const { status, out, err } = await naftiko(['inspect', ...(await harbourIn(t))]);
  assert.deepEqual([status, err], [0, '']);
  assert.ok(
    out.includes(`
  MCP harbour-mcp, port 9090, callers by bearer (CLI_TEST_GUARD)
    book-berth
       1  ship   GET https://ships.example/v1/ships/{imo}
                 imo: {{imo}}
       1  ports  GET https://ships.example/v1/ports
       2  port   lookup in $.ports by code = $.ship.destination: id  after ship, ports
       3  berth  POST https://ships.example/v1/ports/{port}/berths  after port
                 port: $.port.id
                 flag: $.ship.flag
                 note: for {{ship.name}}
       4  line   script line.js (javascript)  after berth
                 berth: $.berth
       =  text: $.line.text
      imo  string  required  The ship.
      <- object
        text  string
    resource  harbour://quay/{imo}  quay
      -> GET https://ships.example/v1/ships/{imo}
`),
    out,
  );
  for (const part of [
    '\n    prompt    greet\n      ship  string  required  Its name.\n',
    '\n    GET    /quay\n      -> nothing is called: it answers its own values\n      <- array of string\n',
    "\n    any    /proxy/…\n      -> any https://ships.example/v1/…\n         with the caller's x-request-id\n",
    '\n  skill harbour-skill, port 8090\n    berths\n      book  calls harbour-mcp.book-berth: tool book-berth\n',
    '\n  control, port 9999\n    /health/live  /health/ready\n',
  ])
    assert.ok(out.includes(part), `${part}\nin\n${out}`);
});

test('inspect as JSON holds the same', bounded, async (t) => {
  const { out } = await naftiko(['inspect', ...(await harbourIn(t)), '--format', 'json']);
  const [{ rest, mcp, skill, control }] = JSON.parse(out).capabilities;
  const [tool] = mcp[0].tools;
  assert.equal(tool.runs, 'steps');
  assert.deepEqual(
    tool.steps.map(({ name, type, stage, after }: Record<string, unknown>) => [
      name,
      type,
      stage,
      after,
    ]),
    [
      ['ship', 'call', 1, []],
      ['ports', 'call', 1, []],
      ['port', 'lookup', 2, ['ship', 'ports']],
      ['berth', 'call', 3, ['port']],
      ['line', 'script', 4, ['berth']],
    ],
  );
  assert.deepEqual(tool.steps[3].with, {
    port: '$.port.id',
    flag: '$.ship.flag',
    note: 'for {{ship.name}}',
  });
  assert.deepEqual(tool.mappings, [{ targetName: 'text', value: '$.line.text' }]);
  assert.deepEqual(Object.keys(tool.outputSchema.properties), ['text']);
  assert.deepEqual(mcp[0].access, {
    in: 'header',
    name: 'Authorization',
    variables: ['CLI_TEST_GUARD'],
  });
  assert.deepEqual(mcp[0].prompts[0].messages, [{ role: 'user', text: 'Greet {{ship}}.' }]);
  assert.equal(mcp[0].resources[0].upstream[0].operation, 'ships.get');
  assert.deepEqual(
    [rest[0].routes[0].runs, rest[0].routes[0].outputSchema.type],
    ['mock', ['array', 'null']],
  );
  assert.deepEqual(rest[0].forwards[0].trustedHeaders, ['x-request-id']);
  assert.equal(skill[0].skills[0].tools[0].tool, 'book-berth');
  assert.equal(control[0].health, true);
  assert.doesNotMatch(out, /sesame|guarded/);
});

const dry = async (t: TestContext, baseUri: string, ...more: string[]) => {
  const [file = '', ...env] = await harbourIn(t, baseUri);
  return naftiko(['call', file, 'book-berth', '--arg', 'imo=a/b', '--dry-run', ...env, ...more]);
};

test(
  '--dry-run of a chain: what is known as it is sent, the rest by reference',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, {});
    const { status, out, err } = await dry(t, upstream.origin);
    assert.deepEqual([status, upstream.requests.length], [0, 0]);
    assert.equal(err, '{$.step…} stands for what an earlier step gives.\n');
    const parts = out.split(/^(?=# )/m);
    const [ship = '', ports = '', port = '', berth = '', line = '', answer = ''] = parts;
    assert.equal(parts.length, 6);
    assert.match(ship, /^# 1 {2}ship: GET .*\nGET \/ships\/a%2Fb HTTP\/1\.1\n/);
    assert.match(ship, /authorization: Bearer ••••\n/);
    assert.match(ship, /\ncurl -X GET /);
    assert.match(ports, /^# 1 {2}ports: GET .*\nGET \/ports HTTP\/1\.1\n/);
    assert.match(
      port,
      /^# 2 {2}port, after ship and ports: lookup in \$\.ports by code = \$\.ship/,
    );
    assert.match(
      berth,
      /^# 3 {2}berth, after port: POST .*\nPOST \/ports\/\{\$\.port\.id\}\/berths\?note=for%20\{\$\.ship\.name\} HTTP/,
    );
    assert.match(berth, /\n\n\{"ship":"a\/b","flag":"\{\$\.ship\.flag\}"\}/);
    assert.doesNotMatch(berth, /content-length|curl/);
    assert.match(line, /^# 4 {2}line, after berth: script line\.js/);
    assert.match(line, /\n\{\n {2}"berth": "\{\$\.berth\}"\n\}/);
    assert.match(answer, /^# answer\ntext: \$\.line\.text\n/);
    assert.doesNotMatch(out, /sesame/);
  },
);

test('--dry-run as JSON holds the same', bounded, async (t) => {
  const { out } = await dry(t, 'https://ships.example', '--format', 'json');
  const { steps, mappings, runs } = JSON.parse(out);
  assert.equal(runs, 'steps');
  assert.deepEqual(
    steps.map(({ exact }: { exact?: boolean }) => exact),
    [true, true, undefined, false, undefined],
  );
  assert.equal(steps[0].request.url, 'https://ships.example/ships/a%2Fb');
  assert.equal(
    steps[3].request.url,
    'https://ships.example/ports/{$.port.id}/berths?note=for%20{$.ship.name}',
  );
  assert.deepEqual(JSON.parse(steps[3].request.body), { ship: 'a/b', flag: '{$.ship.flag}' });
  assert.deepEqual(steps[4].context, { berth: '{$.berth}' });
  assert.deepEqual(mappings, [{ targetName: 'text', value: '$.line.text' }]);
  assert.doesNotMatch(out, /sesame/);
});

test('a credential that is worked out at request time is named, not shown', bounded, async (t) => {
  const blocks: readonly (readonly [string, RegExp])[] = [
    [
      "type: digest, username: ada, password: '{{CLI_TEST_TOKEN}}'",
      /\nauthorization: Digest ••••\n[\s\S]*--digest -u 'ada:••••'/,
    ],
    [
      "type: oauth2, tokenEndpoint: 'https://issuer.example/token', clientId: ada, clientSecret: '{{CLI_TEST_TOKEN}}'",
      /\nauthorization: Bearer ••••\n[\s\S]*curl [\s\S]*-H 'authorization: Bearer ••••'/,
    ],
  ];
  for (const [block, shown] of blocks) {
    const text = harbour('https://ships.example').replace(
      "type: bearer, token: '{{CLI_TEST_TOKEN}}'",
      block,
    );
    const folder = await folderOf(t, {
      'harbour.yaml': text,
      'line.js': 'var result = 1;',
      '.env': 'CLI_TEST_TOKEN=sesame-open\nCLI_TEST_GUARD=guarded-well\n',
    });
    const { out, err } = await naftiko([
      ...['call', join(folder, 'harbour.yaml'), 'book-berth', '--arg', 'imo=7', '--dry-run'],
      ...['--env-file', join(folder, '.env')],
    ]);
    assert.match(out, shown, err);
    assert.doesNotMatch(out, /sesame/);
  }
});
