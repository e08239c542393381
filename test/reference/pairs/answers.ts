import type { TestContext } from 'node:test';
import { closedOrigin, type Reply } from '../../support/upstream.ts';
import { both, exchange, type Pair } from './pair.ts';
import { json, overMcp, overRest, serve } from './serving.ts';

const shaped = {
  outputs: [{ type: 'object', properties: { name: { type: 'string', mapping: '$.name' } } }],
};
const html: Reply = { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>no</p>' };
const dead = async (t: TestContext) => serve(t, {}, { baseUris: { api: await closedOrigin() } });
const nowhere = { outputs: [{ type: 'string', mapping: '$.gone' }] };

export const answerPairs: readonly Pair[] = [
  {
    number: 23,
    setup: 'a consumed API that answers 401 with JSON',
    why: 'Outputs describe a success; an error keeps its body, or nobody learns what went wrong.',
    parts: [
      {
        sent: 'GET without outputs',
        ...both('GET /things', '401 {"error":"no"}'),
        ask: (t) => overRest(t, {}, '/r', {}, { reply: json({ error: 'no' }, 401) }),
      },
      {
        sent: 'GET with object outputs',
        reference: exchange('GET /things', '401 {"name":null}'),
        ours: exchange('GET /things', '401 {"error":"no"}'),
        ask: (t) => overRest(t, shaped, '/r', {}, { reply: json({ error: 'no' }, 401) }),
      },
    ],
  },
  {
    number: 24,
    setup: 'a consumed API that answers 404 with HTML',
    why: 'It is the consumed API’s 404, not a fault of the gateway.',
    parts: [
      {
        sent: 'GET without outputs',
        ...both('GET /things', '404 <p>no</p>'),
        ask: (t) => overRest(t, {}, '/r', {}, { reply: html }),
      },
      {
        sent: 'GET with outputs',
        reference: exchange('GET /things', '500 with the text of an exception'),
        ours: exchange('GET /things', '404 <p>no</p>'),
        ask: (t) => overRest(t, shaped, '/r', {}, { reply: html }),
      },
    ],
  },
  {
    number: 25,
    setup: 'a consumed API that answers 200 with nothing, and outputs',
    why: 'There is nothing to shape and nothing failed: the caller gets what the consumed API said.',
    parts: [
      {
        sent: 'POST',
        reference: exchange('POST /things', '500 with the text of an exception'),
        ours: exchange('POST /things', '200 without a body'),
        ask: (t) =>
          overRest(t, { ...shaped, method: 'POST' }, '/r', { method: 'POST' }, { reply: {} }),
      },
    ],
  },
  {
    number: 26,
    setup: 'a consumed API that answers 204',
    parts: [
      {
        sent: 'GET',
        ...both('GET /things', '204 without a body'),
        ask: (t) => overRest(t, {}, '/r', {}, { reply: { status: 204 } }),
      },
    ],
  },
  {
    number: 27,
    setup: 'a consumed API that answers 302',
    why: 'A redirect without its Location leads nowhere.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('GET /things', '302 without a body'),
        ours: exchange('GET /things', '302 without a body, location: /other'),
        ask: (t) =>
          overRest(
            t,
            {},
            '/r',
            {},
            { reply: { status: 302, headers: { location: '/other' }, body: '' } },
          ),
      },
    ],
  },
  {
    number: 28,
    setup: 'a consumed API that is not there',
    why: 'The caller is told that the API could not be reached, in an answer rather than by silence.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('nothing', 'the connection is closed'),
        ours: exchange('nothing', '502 UPSTREAM_UNREACHABLE'),
        ask: async (t) => (await dead(t)).rest('/r'),
      },
      {
        sent: 'a call',
        reference: exchange('nothing', 'tool error HTTP 1000'),
        ours: exchange('nothing', 'tool error UPSTREAM_UNREACHABLE (502)'),
        ask: async (t) => (await dead(t)).tool(),
      },
    ],
  },
  {
    number: 29,
    setup: 'outputs of which nothing is in the answer',
    why: 'A value that is not there is null, on both faces alike; an empty body is no JSON.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('GET /things', '200 without a body'),
        ours: exchange('GET /things', '200 null'),
        ask: (t) => overRest(t, nowhere, '/r', {}, { reply: json({ other: 1 }) }),
      },
      {
        sent: 'a call',
        reference: exchange('GET /things', 'success {"other":1}'),
        ours: exchange('GET /things', 'success null'),
        ask: (t) => overMcp(t, nowhere, {}, { reply: json({ other: 1 }) }),
      },
    ],
  },
  {
    number: 30,
    setup: 'outputs of a list whose elements lack a property',
    parts: [
      {
        sent: 'POST',
        ...both('POST /things', '200 [{"id":1,"name":null},{"id":2,"name":"b"}]'),
        ask: (t) => {
          const properties = {
            id: { type: 'number', mapping: '$.id' },
            name: { type: 'string', mapping: '$.name' },
          };
          const outputs = [{ type: 'array', mapping: '$', items: { type: 'object', properties } }];
          const reply = json([{ id: 1 }, { id: 2, name: 'b' }]);
          return overRest(t, { outputs, method: 'POST' }, '/r', { method: 'POST' }, { reply });
        },
      },
    ],
  },
  {
    number: 38,
    setup: 'a tool whose consumed API answers 204',
    why: '204 is a success that has nothing to say.',
    parts: [
      {
        sent: 'a call',
        reference: exchange('GET /things', 'tool error with an explanation'),
        ours: exchange('GET /things', 'success {"status":204}'),
        ask: (t) => overMcp(t, {}, {}, { reply: { status: 204 } }),
      },
    ],
  },
];
