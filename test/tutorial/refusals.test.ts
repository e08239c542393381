import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../support/agent.ts';
import { jsonBody, type Sent, send } from '../support/http.ts';
import { exampleOf, skip } from './documents.ts';
import { voyageRequest } from './expected.ts';
import { startStep } from './serving.ts';
import { STEPS } from './stories.ts';

const FILE = STEPS[10];

interface Problem {
  readonly code: string;
  readonly step?: string;
  readonly violations?: readonly { readonly input: string }[];
}

test('what an API does not find is not found on both faces', { skip }, async (t) => {
  const step = await startStep(t, FILE);
  const agent = await step.agent();
  const unknown = exampleOf('registry', 'GET /ships/{imo_number}', 404, 'notFound');
  for (const imo of ['IMO-0', '../crew', 'IMO-9321483/crew', 'x?status=active#y', '%2e%2e']) {
    const path = `/ships/${encodeURIComponent(imo)}`;
    const answer = await send(step.rest, path);
    assert.equal(answer.status, 404, imo);
    assert.deepEqual(answer.json(), unknown, imo);
    const result = await agent.callTool({ name: 'get-ship', arguments: { imo } });
    assert.equal(result.isError, true, imo);
    assert.match(textOf(result), /\b404\b/);
    assert.ok(textOf(result).includes(JSON.stringify(unknown)), textOf(result));
    assert.deepEqual(
      step.received().map(({ call }) => call),
      [`GET ${path}`, `GET ${path}`],
    );
  }
});

test('a step that is refused ends its chain, and is named', { skip }, async (t) => {
  const step = await startStep(t, FILE);
  const agent = await step.agent();
  for (const [target, tool, given, name] of [
    ['/ships/IMO-0/crew', 'get-ship-with-crew', { imo: 'IMO-0' }, 'get-ship'],
    ['/voyages/VOY-0/manifest', 'get-voyage-manifest', { voyageId: 'VOY-0' }, 'get-voyage'],
  ] as const) {
    const answer = await send(step.rest, target);
    assert.equal(answer.status, 404, target);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const { code, step: named } = answer.json() as Problem;
    assert.deepEqual([code, named], ['UPSTREAM_REJECTED', name]);
    const result = await agent.callTool({ name: tool, arguments: given });
    assert.equal(result.isError, true, tool);
    assert.match(textOf(result), new RegExp(`404.*"${name}"`, 's'));
  }
});

test('what an API refuses is refused with its words', { skip }, async (t) => {
  const step = await startStep(t, FILE);
  const agent = await step.agent();
  for (const [target, tool] of [
    ['/ships?status=sunk', 'list-ships'],
    ['/legacy/vessels?status=sunk', 'list-legacy-vessels'],
  ] as const) {
    const answer = await send(step.rest, target);
    assert.equal(answer.status, 400);
    assert.match(answer.text, /must be equal to one of the allowed values/);
    const result = await agent.callTool({ name: tool, arguments: { status: 'sunk' } });
    assert.equal(result.isError, true);
    assert.ok(textOf(result).includes('400') && textOf(result).includes(answer.text));
  }
  const { shipImo: _, ...shipless } = voyageRequest();
  const answer = await send(step.rest, '/voyages', jsonBody(shipless));
  assert.equal(answer.status, 400);
  assert.match(answer.text, /must have required property 'shipImo'/);
  const posted = step.received().find(({ call }) => call === 'POST /voyages');
  assert.deepEqual(posted?.body, shipless, 'nothing is sent for what is absent');
});

test('what the gateway refuses reaches no API', { skip }, async (t) => {
  const step = await startStep(t, FILE);
  const agent = await step.agent();
  for (const [tool, given, named] of [
    ['get-ship', {}, ['imo']],
    ['get-ship', { imo: '..' }, ['imo']],
    ['get-ship', { imo: { a: 1 } }, ['imo']],
    ['get-voyage-manifest', {}, ['voyageId']],
    [
      'create-voyage',
      { cargoIds: { a: 1 } },
      [
        ...['shipImo', 'departurePort', 'arrivalPort', 'departureDate', 'arrivalDate', 'crewIds'],
        'cargoIds',
      ],
    ],
  ] as const) {
    const result = await agent.callTool({ name: tool, arguments: given });
    assert.equal(result.isError, true, tool);
    const violations = textOf(result).matchAll(/^- (\w+): /gm);
    assert.deepEqual(
      Array.from(violations, ([, name]) => name),
      named,
    );
  }
  await assert.rejects(agent.callTool({ name: 'sink-ship', arguments: {} }), /sink-ship/);
  const cases: readonly (readonly [string, Sent, number, string])[] = [
    ['/ships?status=active&status=maintenance', {}, 400, 'INPUT_INVALID'],
    ['/ships/%2e%2e', {}, 400, 'INPUT_INVALID'],
    ['/ships/%zz', {}, 400, 'REQUEST_INVALID'],
    ['/voyages', jsonBody('{"shipImo": '), 400, 'BODY_NOT_JSON'],
    ['/voyages', jsonBody({ ...voyageRequest(), shipImo: { a: 1 } }), 400, 'INPUT_INVALID'],
    ['/voyages', { method: 'GET' }, 405, 'METHOD_NOT_ALLOWED'],
    ['/ships', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    ['/crew', {}, 404, 'ROUTE_UNKNOWN'],
  ];
  for (const [target, sent, status, code] of cases) {
    const answer = await send(step.rest, target, sent);
    assert.equal(answer.status, status, `${target}: ${answer.text}`);
    assert.equal((answer.json() as Problem).code, code, target);
  }
  assert.deepEqual(step.received(), []);
});
