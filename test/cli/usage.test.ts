import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileOf, items, naftiko } from './naftiko.ts';

const CAPABILITY = 'capabilities/koyeb-sessions.yaml';

test('bad usage is status 2, says what is wrong and where help is', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: naftiko/],
    [['serve'], /unknown command 'serve'/],
    [['runn'], /Did you mean run\?/],
    [['run', '--no-such'], /unknown option '--no-such'[\s\S]*naftiko run --help/],
    [['run', '--mok'], /Did you mean --mock\?/],
    [['validate'], /missing required argument 'files'[\s\S]*naftiko validate --help/],
    [['call', CAPABILITY], /missing required argument 'tool'/],
    [['run', 'a.yaml', '--port', '8080'], /Write it as <namespace>=<value>/],
    [['run', 'a.yaml', '--port', 'x=http'], /A port is a number from 0 to 65535/],
    [['run', 'a.yaml', '--rest-port', '65536'], /A port is a number from 0 to 65535/],
    [['run', 'a.yaml', '--rest-port', '-1'], /A port is a number|argument missing/],
    [['run', 'a.yaml', '--base-uri', 'x='], /Write it as <namespace>=<value>/],
    [['run', 'a.yaml', '--connect-to', 'a.example'], /Write it as <host>=<address>/],
    [['run', 'a.yaml', '--connect-to', 'a.example=http://127.0.0.1'], /<host>=<address>/],
    [['run', 'a.yaml', '--connect-to', 'a.example=127.0.0.1:70000'], /<host>=<address>/],
    [['run', 'a.yaml', '--timeout', '30'], /with its unit: 500ms, 30s, 2m or 1h/],
    [['run', 'a.yaml', '--timeout', '0s'], /with its unit/],
    [['run', 'a.yaml', '--timeout', '99999m'], /A day/],
    [['run', 'a.yaml', '--max-body', '10'], /with its unit: 512kb or 10mb/],
    [['run', 'a.yaml', '--forward-header', 'x: y'], /cannot be the name of a header/],
    [['run', 'a.yaml', '--forward-header', 'Host'], /belongs to the connection/],
    [['run', 'a.yaml', '--log-level', 'loud'], /Allowed choices are silent, error/],
    [['run', 'a.yaml', '--log-format', 'xml'], /Allowed choices are text, json/],
    [['validate', 'a.yaml', '--format', 'xml'], /Allowed choices are text, json/],
  ];
  for (const [args, message] of wrong) {
    const { status, out, err } = await naftiko(args);
    assert.deepEqual([status, out], [2, ''], args.join(' '));
    assert.match(err, message, args.join(' '));
  }
});

test('a file in the place of a command is answered with the command', async () => {
  const { status, err } = await naftiko([CAPABILITY]);
  assert.equal(status, 2);
  assert.match(err, /To serve the file: naftiko run capabilities\/koyeb-sessions\.yaml/);
});

test('help and version are data on stdout, and no defaults of lists show in it', async () => {
  for (const args of [['--help'], ['help', 'run'], ['run', '--help'], ['--version']]) {
    const { status, out, err } = await naftiko(args);
    assert.deepEqual([status, err], [0, ''], args.join(' '));
    assert.doesNotMatch(out, /default: (\{\}|\[\])/);
  }
  assert.match((await naftiko(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

test('without a file and without naftiko.yaml in the folder the usage is wrong', async () => {
  assert.deepEqual(await naftiko(['run']), {
    status: 2,
    out: '',
    err: 'naftiko: Name a capability file: naftiko run <file>. Without one, naftiko.yaml of this folder is served, and there is none.\n',
  });
});

test('an option for a namespace that no file has names the known ones', async (t) => {
  const file = await fileOf(t, items());
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [
      ['run', file, '--port', 'item-rest=0'],
      '--port item-rest=…: no expose has the namespace "item-rest". Did you mean "items-rest"? Known: items-rest, items-mcp.',
    ],
    [
      ['run', file, '--base-uri', 'prod=http://a.example'],
      '--base-uri prod=…: no consumed API has the namespace "prod". Known: items.',
    ],
    [
      ['run', file, '--mock-openapi', 'items-rest=x.json'],
      '--mock-openapi items-rest=…: no consumed API has the namespace "items-rest". Known: items.',
    ],
    [
      ['call', file, 'list-items', '--base-uri', 'prod=http://a.example'],
      '--base-uri prod=…: no consumed API has the namespace "prod". Known: items.',
    ],
    [
      ['inspect', file, '--base-uri', 'prod=http://a.example'],
      '--base-uri prod=…: no consumed API has the namespace "prod". Known: items.',
    ],
  ];
  for (const [args, message] of wrong) {
    const said = await naftiko(args);
    assert.deepEqual(said, { status: 2, out: '', err: `naftiko: ${message}\n` });
  }
});
