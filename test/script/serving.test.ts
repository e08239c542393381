import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectAgent } from '../support/agent.ts';
import { bounded, send, until } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import { startUpstream } from '../support/upstream.ts';
import { type ScriptedOutline, serveScripted } from './served.ts';

const SHIPS = [
  { imo: '1', flag: 'NO', tonnage: 100 },
  { imo: '2', flag: 'PA', tonnage: 20 },
  { imo: '3', flag: 'NO', tonnage: 3 },
];
const LIST = { type: 'call', name: 'list', call: 'api.list-ships' };
const allowed = { allowScripts: true };
// Python takes seconds to start: `npm run python` asks for it by name.
const asked = process.argv.some((word) => word === 'script/python');
const skip = asked ? false : 'npm run python';

const script = (name: string, file: string, more: object = {}): object => ({
  ...{ type: 'script', name, file, ...more },
});

/** One operation, `run`, of one script without inputs. */
const running = (file: string, more: Partial<ScriptedOutline> = {}): ScriptedOutline => ({
  operations: { run: { steps: [script('make', file)] } },
  ...more,
});

describe('a capability with script steps', () => {
  test(
    'calls, reshapes with a dependency, and types its outputs, on both faces',
    bounded,
    async (t) => {
      const upstream = await startUpstream(t, { 'GET /ships': { body: SHIPS } });
      const totals = {
        inputParameters: [{ name: 'flag', type: 'string', required: false }],
        steps: [
          LIST,
          script('totals', 'totals.js', {
            location: 'file:///./scripts',
            dependencies: ['lib/sum.js'],
            with: { ships: '$.list', flag: '{{flag}}' },
          }),
        ],
        outputParameters: [
          { name: 'count', type: 'integer', mapping: '$.totals.count' },
          { name: 'tonnage', type: 'number', mapping: '$.totals.tonnage' },
          { name: 'first', type: 'string', mapping: '$.list[0].imo' },
        ],
      };
      const outline = { operations: { totals }, baseUri: upstream.origin };
      const { get, call } = await serveScripted(
        t,
        outline,
        {
          'scripts/lib/sum.js': 'const sum = (list) => list.reduce((a, b) => a + b, 0);',
          'scripts/totals.js': `
          const ships = context.ships.filter(({ flag }) => (context.flag ?? flag) === flag);
          result = { count: ships.length, tonnage: sum(ships.map(({ tonnage }) => tonnage)) };`,
        },
        allowed,
      );
      const norwegian = { count: 2, tonnage: 103, first: '1' };
      const all = { count: 3, tonnage: 123, first: '1' };
      assert.deepEqual(await get('/totals?flag=NO'), { status: 200, body: norwegian });
      assert.deepEqual(await get('/totals'), { status: 200, body: all });
      assert.deepEqual((await call('totals', { flag: 'NO' })).structuredContent, norwegian);
      assert.deepEqual((await call('totals')).structuredContent, all);
    },
  );

  test('what a script gives can be sent, looked up and be the answer', bounded, async (t) => {
    const upstream = await startUpstream(t, {
      'GET /ships': { body: SHIPS },
      'GET /ships/2': { body: { imo: '2', name: 'Aurora' } },
    });
    const operations = {
      smallest: {
        steps: [
          LIST,
          script('choose', 'choose.js', { with: { ships: '$.list' } }),
          { type: 'call', name: 'get', call: 'api.get-ship', with: { imo: '$.choose.imo' } },
        ],
      },
      find: {
        steps: [
          LIST,
          script('choose', 'choose.js', { with: { ships: '$.list' } }),
          {
            ...{ type: 'lookup', name: 'found', index: 'list', match: 'flag' },
            ...{ lookupValue: '$.choose.flag', outputParameters: ['imo'] },
          },
        ],
      },
      nothing: { steps: [script('quiet', 'quiet.js')] },
    };
    const { get, call } = await serveScripted(
      t,
      { operations, baseUri: upstream.origin },
      {
        'choose.js': 'result = context.ships.sort((a, b) => a.tonnage - b.tonnage).at(1);',
        'quiet.js': 'const other = 1;',
      },
      allowed,
    );
    assert.deepEqual((await get('/smallest')).body, { imo: '2', name: 'Aurora' });
    assert.deepEqual((await call('find')).structuredContent, { imo: '2' });
    assert.deepEqual(await get('/nothing'), { status: 200, body: null });
  });

  test(
    'without with the context holds inputs and earlier steps, as plain JSON',
    bounded,
    async (t) => {
      const upstream = await startUpstream(t, { 'GET /ships': { body: SHIPS.slice(0, 1) } });
      const echo = {
        inputParameters: [
          { name: 'flag', type: 'string', required: false },
          { name: 'limit', type: 'integer', required: false },
          { name: 'tags', type: 'array', required: false },
        ],
        steps: [LIST, script('more', 'more.js'), script('echo', 'echo.js')],
      };
      const { get, call } = await serveScripted(
        t,
        { operations: { echo }, baseUri: upstream.origin },
        { 'more.js': 'result = Object.keys(context);', 'echo.js': 'result = context;' },
        allowed,
      );
      const expected = {
        ...{ limit: 7, tags: ['a"', '{{flag}}'] },
        ...{ list: SHIPS.slice(0, 1), more: ['limit', 'tags', 'list'] },
      };
      assert.deepEqual((await get('/echo?limit=7&tags=a%22&tags=%7B%7Bflag%7D%7D')).body, expected);
      const args = { limit: 7, tags: ['a"', '{{flag}}'] };
      assert.deepEqual((await call('echo', args)).structuredContent, expected);
    },
  );

  test('a function of an aggregate and an MCP resource run theirs', bounded, async (t) => {
    const outline: ScriptedOutline = {
      operations: { answer: { ref: 'shared.answer' } },
      aggregates: [
        {
          label: 'Shared',
          namespace: 'shared',
          functions: [
            { name: 'answer', description: 'Answers.', steps: [script('make', 'answer.js')] },
          ],
        },
      ],
      resources: [
        {
          name: 'answer',
          uri: 'ships://answer',
          description: 'The answer.',
          mimeType: 'application/json',
          steps: [script('make', 'answer.js')],
        },
      ],
    };
    const served = await serveScripted(t, outline, { 'answer.js': 'result = { n: 42 };' }, allowed);
    assert.deepEqual((await served.get('/answer')).body, { n: 42 });
    assert.deepEqual((await served.call('answer')).structuredContent, { n: 42 });
    const agent = await connectAgent(t, served.mcp);
    const { contents } = await agent.readResource({ uri: 'ships://answer' });
    assert.deepEqual(JSON.parse((contents[0] as { text: string }).text), { n: 42 });
  });

  test('a body taken unread reaches a script as what it says', bounded, async (t) => {
    const send = { steps: [script('echo', 'echo.js', { with: { all: { in: ['rest.body'] } } })] };
    const body = { type: 'object', in: 'body', name: 'body', required: true };
    const outline = { operations: { send: { ...send, inputParameters: [body] } } };
    const served = await serveScripted(t, outline, { 'echo.js': 'result = context.all;' }, allowed);
    const { structuredContent } = await served.call('send', { body: { a: [1, { b: null }] } });
    assert.deepEqual(structuredContent, { in: [{ a: [1, { b: null }] }] });
  });

  test('python, and what goes wrong there', { ...bounded, skip }, async (t) => {
    const files = {
      'answer.py': 'result = {"n": 42, "context": sorted(context)}',
      'endless.py': 'while True: pass',
      'hungry.py': 'kept = []\nwhile True: kept.append(bytearray(10_000_000))',
      'out.py': 'from js import process',
    };
    const operations = Object.fromEntries(
      Object.keys(files).map((file) => [file.slice(0, -3), { steps: [script('make', file)] }]),
    );
    const outline = { operations, scripting: { timeout: 3000 } };
    const { get, call } = await serveScripted(t, outline, files);
    const wrong = { endless: 'SCRIPT_TIMEOUT', hungry: 'SCRIPT_LIMIT', out: 'SCRIPT_FAILED' };
    for (const [name, code] of Object.entries(wrong)) {
      const { body } = await get(`/${name}`);
      assert.deepEqual([body.code, body.step], [code, 'make'], body.detail);
      assert.deepEqual((await get('/answer')).body, { n: 42, context: [] }, `after ${name}`);
    }
    assert.deepEqual((await call('answer')).structuredContent, { n: 42, context: [] });
  });
});

describe('who lets scripts run', () => {
  const files = { 'a.js': 'result = 1;', 'b.groovy': '1', 'c.py': 'result = 1' };
  const missing = { python: 'a-package-that-nobody-installed' };

  /** What stands in the way of a start, as `CODE pointer: message`. */
  async function refusal(
    t: Parameters<typeof serveScripted>[0],
    outline: ScriptedOutline,
    options: object,
  ): Promise<readonly string[]> {
    const failure = await serveScripted(t, outline, files, options).then(
      () => assert.fail('it started'),
      (error: {
        findings?: readonly { severity: string; code: string; pointer: string; message: string }[];
      }) => error,
    );
    return (failure.findings ?? [])
      .filter(({ severity }) => severity === 'error')
      .map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`);
  }

  test('nobody: the start is refused at each step', bounded, async (t) => {
    const found = await refusal(t, running('a.js'), {});
    const places = [
      '/capability/exposes/0/resources/0/operations/0/steps/0',
      '/capability/exposes/1/tools/0/steps/0',
    ];
    assert.equal(found.length, places.length);
    for (const [at, place] of places.entries()) {
      assert.ok(found[at]?.startsWith(`SCRIPT_NOT_ALLOWED ${place}: `), found[at]);
      assert.match(
        found[at] ?? '',
        /Start with --allow-scripts, or give the file a control expose/,
      );
    }
  });

  test('the file lets them run, with its limits and languages', bounded, async (t) => {
    const scripting = { timeout: 5000, allowedLanguages: ['javascript'] };
    const { get } = await serveScripted(t, running('a.js', { scripting }), files);
    assert.equal((await get('/run')).body, 1);
  });

  test('a file that says no is obeyed before the option', bounded, async (t) => {
    const outline = running('a.js', { scripting: { enabled: false } });
    const found = await refusal(t, outline, { ...allowed, ports: { control: 0 } });
    assert.match(found[0] ?? '', /^SCRIPT_NOT_ALLOWED .* This file switches its scripts off/);
  });

  test(
    'not in a language that is not allowed, not served, or not installed',
    bounded,
    async (t) => {
      const ports = { control: 0 };
      const other = running('a.js', { scripting: { allowedLanguages: ['python'] } });
      assert.match(
        (await refusal(t, other, { ports }))[0] ?? '',
        /^SCRIPT_NOT_ALLOWED .*allowedLanguages/,
      );
      const groovy = await refusal(t, running('b.groovy'), allowed);
      assert.match(
        groovy[0] ?? '',
        /^SCRIPT_LANGUAGE .*\/steps\/0\/file: Scripts in Groovy are not served/,
      );
      const python = await refusal(t, running('c.py'), { ...allowed, ...missing });
      assert.match(
        python[0] ?? '',
        /^SCRIPT_LANGUAGE .*need the package pyodide, which is not installed/,
      );
    },
  );

  test('code that is missing, outside or broken is refused with its place', bounded, async (t) => {
    const steps = [
      script('gone', 'gone.js'),
      script('out', '../out.js'),
      script('broken', 'b.groovy', { language: 'javascript', dependencies: ['a.js', 'no.js'] }),
    ];
    const found = await refusal(t, { operations: { run: { steps } } }, allowed);
    const ofTool = found.filter((each) => each.includes('/tools/0/'));
    assert.deepEqual(
      ofTool.map((each) => each.replace(/:.*/s, '').replace('/capability/exposes/1/tools/0', '')),
      [
        'SCRIPT_UNREADABLE /steps/0/file',
        'SCRIPT_OUTSIDE /steps/1/file',
        'SCRIPT_UNREADABLE /steps/2/dependencies/1',
      ],
    );
  });
});

describe('a script that goes wrong', () => {
  const limits = { scripting: { statementLimit: 200_000 } };
  const forever = { scripting: { timeout: 3_600_000, statementLimit: 2 ** 53 - 1 } };
  const WRONG = {
    endless: ['for (;;);', 'SCRIPT_LIMIT', /took more than 200000 statements/],
    hungry: [
      'const kept = []; for (let n = 0; n < 1e4; n++) kept.push(new Uint8Array(1e6).fill(n));',
      'SCRIPT_LIMIT',
      /needed more memory than the 64 MiB it may have/,
    ],
    deep: ['(function f() { f(); })();', 'SCRIPT_LIMIT', /calls itself too often/],
    large: ['result = "x".repeat(9e6);', 'SCRIPT_LIMIT', /a result of more than 8000000/],
    throwing: [
      '\nthrow new TypeError("token is " + (context.token ?? "s3cret"));',
      'SCRIPT_FAILED',
      /^The step "make" failed\. The script "throwing\.js", in line 2, failed with a TypeError\. Its author finds what it said in the log\.$/,
    ],
    process: ['result = process.env;', 'SCRIPT_FAILED', /failed with a ReferenceError/],
    require: ['result = require("fs");', 'SCRIPT_FAILED', /failed with a ReferenceError/],
    dynamic: ['result = import("node:fs");', 'SCRIPT_FAILED', /failed/],
    fetching: ['result = fetch("http://127.0.0.1");', 'SCRIPT_FAILED', /a ReferenceError/],
    function: ['result = context.constructor.constructor;', 'SCRIPT_FAILED', /no form for/],
    escaping: [
      'result = context.constructor.constructor("return process")();',
      'SCRIPT_FAILED',
      /failed with a ReferenceError/,
    ],
    poisoned: [
      'Object.prototype.status = 200; JSON.stringify = () => "[]"; throw { code: "INTERNAL" };',
      'SCRIPT_FAILED',
      /failed/,
    ],
  } as const;
  const operations = Object.fromEntries(
    Object.keys(WRONG).map((name) => [name, { steps: [script('make', `${name}.js`)] }]),
  );
  const files = Object.fromEntries(
    Object.entries(WRONG).map(([name, [text]]) => [`${name}.js`, text]),
  );

  test('gets its own error on both faces, and the gateway serves on', bounded, async (t) => {
    const log = keptLog();
    const fine = { steps: [script('make', 'fine.js')] };
    const outline = { operations: { ...operations, fine }, ...limits };
    const all = { ...files, 'fine.js': 'result = { ok: true, sum: [].concat(1).length };' };
    const { get, call } = await serveScripted(t, outline, all, { log });
    for (const [name, [, code, said]] of Object.entries(WRONG)) {
      const { status, body } = await get(`/${name}`);
      assert.deepEqual([status, body.code, body.step], [500, code, 'make'], name);
      assert.match(body.detail ?? '', said, name);
      assert.doesNotMatch(JSON.stringify(body), /s3cret|\/tmp|node:|\\n/, name);
      const { isError, content } = await call(name);
      assert.equal(isError, true, name);
      assert.ok(content[0]?.text.includes(code), `${name}: ${content[0]?.text}`);
      assert.doesNotMatch(content[0]?.text ?? '', /s3cret/, name);
      assert.deepEqual((await get('/fine')).body, { ok: true, sum: 1 }, `after ${name}`);
    }
    const logged = log.lines.filter(({ fields }) => fields.code === 'SCRIPT_FAILED');
    assert.ok(logged.some(({ fields }) => String(fields.cause).includes('token is s3cret')));
    assert.ok(logged.every(({ fields }) => fields.step === 'make'));
  });

  test('that runs too long is ended in time', bounded, async (t) => {
    const scripting = { timeout: 300, statementLimit: 2 ** 53 - 1 };
    const { get, call } = await serveScripted(t, running('endless.js', { scripting }), files);
    const { status, body } = await get('/run');
    assert.deepEqual([status, body.code, body.step], [504, 'SCRIPT_TIMEOUT', 'make']);
    assert.match(body.detail ?? '', /ran longer than 300 ms/);
    assert.match((await call('run')).content[0]?.text ?? '', /SCRIPT_TIMEOUT/);
  });

  test('is ended by the failure of a step beside it', bounded, async (t) => {
    const upstream = await startUpstream(t, { 'GET /ships': { status: 404, body: {} } });
    const steps = [LIST, script('forever', 'endless.js', { with: {} })];
    const outline = { operations: { run: { steps } }, baseUri: upstream.origin, ...forever };
    const { get } = await serveScripted(t, outline, files);
    const { status, body } = await get('/run');
    assert.deepEqual([status, body.code, body.step], [404, 'UPSTREAM_REJECTED', 'list']);
  });

  test('is ended when its caller goes away', bounded, async (t) => {
    const operations = {
      run: { steps: [LIST, script('make', 'endless.js', { with: { ships: '$.list' } })] },
      fine: { steps: [script('make', 'fine.js')] },
    };
    const upstream = await startUpstream(t, { 'GET /ships': { body: SHIPS } });
    const outline = { operations, baseUri: upstream.origin, ...forever };
    const served = await serveScripted(t, outline, { ...files, 'fine.js': 'result = 1;' });
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = [1, 2, 3, 4].map(() => fetch(`${served.rest}/run`, { signal }));
    const settled = Promise.allSettled(left);
    await until(() => upstream.requests.length === 4);
    leaving.abort();
    for (const { status } of await settled) assert.equal(status, 'rejected');
    assert.equal((await served.get('/fine')).body, 1, 'there are two sandboxes, and both are free');
  });

  test('is ended when the gateway stops', bounded, async (t) => {
    const upstream = await startUpstream(t, { 'GET /ships': { body: SHIPS } });
    const steps = [LIST, script('make', 'endless.js', { with: { ships: '$.list' } })];
    const outline = { operations: { run: { steps } }, baseUri: upstream.origin, ...forever };
    const served = await serveScripted(t, outline, files);
    const calls = [1, 2, 3].map(() => fetch(`${served.rest}/run`));
    const settled = Promise.allSettled(calls);
    const called = served.call('run').catch(() => {});
    await until(() => upstream.requests.length === 4);
    await served.gateway.stop();
    await settled;
    void called;
  });
});

test('what a script prints goes to the log, masked, at debug', bounded, async (t) => {
  const log = keptLog('debug');
  const outline = running('say.js', {
    binds: [{ namespace: 'env', keys: { TOKEN: 'TOKEN' } }],
    operations: {
      run: { steps: [script('say', 'say.js', { with: { token: '{{env.TOKEN}}' } })] },
    },
  });
  const files = { 'say.js': 'console.log("token", context.token, { a: 1 }); result = 1;' };
  const options = { ...allowed, log, environment: { TOKEN: 'tok-12345678' } };
  const { rest } = await serveScripted(t, outline, files, options);
  assert.equal((await send(rest, '/run')).status, 200);
  await until(() => log.lines.some(({ fields }) => fields.script === 'say.js'));
  const line = log.lines.find(({ fields }) => fields.script === 'say.js');
  assert.deepEqual([line?.level, line?.message], ['debug', 'token •••• {"a":1}']);
});
