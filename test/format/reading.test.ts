import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { compileFormat } from '../../src/format/format.ts';
import { createReaders, type Readers, type ReadersOptions } from '../../src/format/reading.ts';
import type { ReadingPlan } from '../../src/plan/plan.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send, until } from '../support/http.ts';
import { startRawUpstream } from '../support/upstream.ts';

const ROWS = Array.from({ length: 1_000 }, (_, at) => ({ id: `${at}`, name: `Name "${at}" é😀` }));

const lines = (row: (fields: (typeof ROWS)[number]) => string): string => ROWS.map(row).join('\n');

const XML = `<?xml version="1.0"?><users a="1">${lines(
  ({ id, name }) => `<user id="${id}"><name>${name}</name></user>`,
)}</users>`;
const HTML = `<table><tr><th>id</th><th>name</th></tr>${lines(
  ({ id, name }) => `<tr><td>${id}</td><td>${name}</td></tr>`,
)}</table>`;
const PROTO = 'syntax = "proto3"; message Users { repeated string name = 1; }';

const ANSWERS: readonly (readonly [ReadingPlan, string | Buffer, string?])[] = [
  [{ format: 'xml' }, XML],
  [{ format: 'xml' }, Buffer.from(XML.replaceAll('😀', ''), 'latin1'), 'text/xml; charset=latin1'],
  [
    { format: 'yaml' },
    `all: &all\n${lines(({ id, name }) => `  - {id: ${id}, name: '${name}', zero: -0.5}`)}\nagain: *all`,
  ],
  [
    { format: 'csv' },
    `id,name\n${lines(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"`)}`,
  ],
  [{ format: 'tsv' }, `id\tname\n${lines(({ id }) => `${id}\tx`)}`],
  [{ format: 'psv' }, `id|name\n${lines(({ id }) => `${id}|x`)}`],
  [{ format: 'html' }, `<p>${HTML}</p>${HTML}`],
  [{ format: 'html', outputSchema: '#this' }, `${HTML}<div id="this">${HTML}</div>`],
  [
    { format: 'markdown', outputSchema: '## Two' },
    `---\na: {__proto__: 1}\n---\n# One\n\nx\n\n## Two\n\n| id | name |\n|-|-|\n${lines(({ id }) => `| ${id} | *x* |`)}`,
  ],
  [
    { format: 'avro', outputSchema: 'a.avsc', schemaText: '{"type":"array","items":"int"}' },
    Buffer.from([6, 2, 4, 6, 0]),
  ],
  [
    { format: 'protobuf', outputSchema: 'a.proto', schemaText: PROTO },
    Buffer.from([10, 1, 97, 10, 1, 98]),
  ],
];

const BROKEN: readonly (readonly [ReadingPlan, string | Buffer])[] = [
  [{ format: 'xml' }, `${XML}<more>`],
  [{ format: 'yaml' }, 'a: [1'],
  [{ format: 'csv' }, 'a\n"1'],
  [{ format: 'html' }, Buffer.alloc(4 * 1024 * 1024 + 1, 'x')],
  [{ format: 'avro' }, 'x'],
];

function start(t: TestContext, options: ReadersOptions = {}): Readers {
  const readers = createReaders(options);
  t.after(() => readers.close());
  return readers;
}

async function readHere(reading: ReadingPlan, body: string | Buffer, contentType?: string) {
  const compiled = await compileFormat(reading);
  assert.ok('read' in compiled);
  return compiled.read(Buffer.from(body as string), contentType);
}

describe('a thread reads', bounded, () => {
  test('what would be read here', async (t) => {
    const readers = start(t);
    await Promise.all(
      ANSWERS.map(async ([reading, body, contentType]) => {
        const there = await readers.read(reading, Buffer.from(body as string), contentType);
        assert.deepEqual(there, await readHere(reading, body, contentType), reading.format);
      }),
    );
  });

  test('the hidden root of an XML tree, too', async (t) => {
    const tree = await start(t).read({ format: 'xml' }, Buffer.from(XML), undefined);
    const { users } = tree as { users: unknown };
    assert.equal(users, tree);
    assert.ok(!Object.keys(tree as object).includes('users'));
  });

  test('what is broken, and says the same of it', async (t) => {
    const readers = start(t);
    for (const [reading, body] of BROKEN) {
      const failureOf = async (run: Promise<unknown>): Promise<Error> => {
        const outcome = await run.catch((thrown: unknown) => thrown);
        assert.ok(outcome instanceof Error, reading.format);
        return outcome;
      };
      const there = await failureOf(readers.read(reading, Buffer.from(body as string), undefined));
      const here = await failureOf(readHere(reading, body));
      assert.deepEqual([there.name, there.message], [here.name, here.message]);
    }
  });

  test('more answers than there are threads, and leaves the bytes as they are', async (t) => {
    const readers = start(t, { threads: 1 });
    const bytes = Buffer.from('a: 1');
    const all = Array.from({ length: 5 }, () => readers.read({ format: 'yaml' }, bytes, undefined));
    assert.deepEqual(await Promise.all(all), Array(5).fill({ a: 1 }));
    assert.equal(bytes.toString(), 'a: 1');
  });
});

describe('reading in a thread ends', bounded, () => {
  const PAGE = Buffer.from(HTML.repeat(8));

  test('when nobody waits for it, and the next answer is read', async (t) => {
    const readers = start(t, { threads: 1 });
    const leaving = new AbortController();
    const running = readers.read({ format: 'html' }, PAGE, undefined, leaving.signal);
    const waiting = readers.read({ format: 'html' }, PAGE, undefined, leaving.signal);
    const next = readers.read({ format: 'yaml' }, Buffer.from('a: 1'), undefined);
    leaving.abort();
    await assert.rejects(running, { code: 'CANCELLED' });
    await assert.rejects(waiting, { code: 'CANCELLED' });
    assert.deepEqual(await next, { a: 1 });
    const late = readers.read({ format: 'yaml' }, Buffer.from('a: 1'), undefined, leaving.signal);
    await assert.rejects(late, { code: 'CANCELLED' });
  });

  test('when it takes too long', async (t) => {
    const readers = start(t, { timeout: 1 });
    await assert.rejects(readers.read({ format: 'html' }, PAGE, undefined), {
      name: 'Error',
      message: 'The answer cannot be read as html: it takes too long to read.',
    });
  });

  test('when the gateway stops', async () => {
    const readers = createReaders({ threads: 1 });
    const running = readers.read({ format: 'html' }, PAGE, undefined);
    const waiting = readers.read({ format: 'html' }, PAGE, undefined);
    const closed = readers.close();
    await assert.rejects(running, { code: 'SHUTTING_DOWN' });
    await assert.rejects(waiting, { code: 'SHUTTING_DOWN' });
    await closed;
    await assert.rejects(readers.read({ format: 'html' }, PAGE, undefined), {
      code: 'SHUTTING_DOWN',
    });
  });
});

describe('while a large answer is read', bounded, () => {
  let page: Buffer;
  before(() => {
    page = Buffer.from(HTML.repeat(Math.floor((3.9 * 1024 * 1024) / Buffer.byteLength(HTML))));
  });

  async function serve(t: TestContext, body: string | Buffer, output: object) {
    let isTaken = false;
    const upstream = await startRawUpstream(t, (socket, received) => {
      const isLarge = received.startsWith('GET /large');
      const bytes = isLarge ? body : '{"fine": true}';
      socket.write(
        `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`,
      );
      socket.write(bytes);
      // The gateway ends the connection once it has all of the answer.
      socket.on('close', () => {
        isTaken ||= isLarge;
      });
    });
    const text = capability({
      operations: {
        small: { route: 'GET /small', output: [{ type: 'boolean', mapping: '$.fine' }] },
        large: { route: 'GET /large', format: 'html', output: [output] },
      },
    });
    const { rest } = await startGateway(t, text, { upstream: upstream.origin });
    return { rest, untilTaken: () => until(() => isTaken) };
  }

  test('other callers are answered', async (t) => {
    const { rest, untilTaken } = await serve(t, page, {
      type: 'string',
      mapping: '$.tables[0][1].name',
    });
    const order: string[] = [];
    const large = send(rest, '/large').then((answer) => {
      order.push('large');
      return answer;
    });
    await untilTaken();
    const small = await send(rest, '/small');
    order.push('small');
    assert.equal(small.json(), true);
    const answer = await large;
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json(), ROWS[1]?.name);
    assert.deepEqual(order, ['small', 'large']);
  });

  test('and cannot be read, its caller hears why', async (t) => {
    const body = `<i>${'<b>'.repeat(300_000)}`;
    const { rest } = await serve(t, body, { type: 'string', mapping: '$.tables[0][0].name' });
    const answer = await send(rest, '/large');
    const { code, detail } = answer.json() as { code: string; detail: string };
    assert.equal(answer.status, 502);
    assert.equal(code, 'UPSTREAM_UNUSABLE');
    assert.match(
      detail,
      /^things-api\.large gave an answer .* nested more than 500 levels deep\.$/,
    );
  });
});
