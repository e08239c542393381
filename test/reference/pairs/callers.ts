import type { TestContext } from 'node:test';
import { rpc } from '../../support/agent.ts';
import { both, exchange, type Pair } from './pair.ts';
import { overMcp, overRest, serve } from './serving.ts';

const bound = (token: string) => ({
  binds: [{ namespace: 'env', keys: { APITOK: 'SRC_TOK' } }],
  rest: { authentication: { type: 'bearer', token } },
});
const environment = { SRC_TOK: 'S1', TOKEN: 'T1', API_TOKEN: 'E1' };
const asked = (t: TestContext, setup: object, token: string) =>
  overRest(t, setup, '/r', { headers: { authorization: token } }, { environment });
const called = (name: string) => rpc('tools/call', { name, arguments: {} });

export const callerPairs: readonly Pair[] = [
  {
    number: 34,
    setup: 'a forward with a bearer token from a bind',
    why: 'The query is part of what is asked for, and a template is no credential.',
    parts: [
      {
        sent: 'GET /fwd/a/b?x=1 with `X-Ok` (trusted) and `X-No`',
        reference: exchange('GET /a/b, authorization: Bearer {{TOKEN}}, x-ok: 1', '200'),
        ours: exchange('GET /a/b?x=1, authorization: Bearer T1, x-ok: 1', '200'),
        ask: (t) =>
          overRest(
            t,
            {
              binds: [{ namespace: 'env', keys: { TOKEN: 'TOKEN' } }],
              consumes: { authentication: { type: 'bearer', token: '{{TOKEN}}' } },
              rest: {
                resources: [
                  {
                    path: '/fwd/{{path}}',
                    forward: { targetNamespace: 'api', trustedHeaders: ['X-Ok'] },
                  },
                ],
              },
            },
            '/fwd/a/b?x=1',
            { headers: { 'x-ok': '1', 'x-no': '1' } },
            { environment },
          ),
      },
    ],
  },
  {
    number: 35,
    setup: 'callers’ bearer token `{{APITOK}}`, bound to the variable SRC_TOK',
    why: 'A bind maps a name of the file to a name outside; the value of SRC_TOK is what APITOK stands for.',
    parts: [
      {
        sent: 'GET with the value of SRC_TOK',
        reference: exchange('nothing', '401'),
        ours: exchange('GET /things', '200'),
        ask: (t) => asked(t, bound('{{APITOK}}'), 'Bearer S1'),
      },
    ],
  },
  {
    number: 36,
    setup: 'callers’ bearer token `{{env.APITOK}}`',
    why: 'The text of a template is no secret: anyone who has read the file could send it.',
    parts: [
      {
        sent: 'GET with `Bearer {{env.APITOK}}`',
        reference: exchange('GET /things', '200'),
        ours: exchange('nothing', '401 UNAUTHENTICATED, challenge: Bearer'),
        ask: (t) => asked(t, bound('{{env.APITOK}}'), 'Bearer {{env.APITOK}}'),
      },
    ],
  },
  {
    number: 37,
    setup: 'callers’ digest authentication',
    why: 'Without a challenge no client can answer one; with it, digest works.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('nothing', '401'),
        ours: exchange('nothing', '401 UNAUTHENTICATED, challenge: Digest'),
        ask: (t) => {
          const authentication = { type: 'digest', username: 'ada', password: 'pw' };
          return overRest(t, { rest: { authentication } }, '/r');
        },
      },
    ],
  },
  {
    number: 39,
    setup: 'a tool whose credential comes from the environment',
    why: 'An argument that the tool does not take is refused by name; none can replace the gateway’s credential.',
    parts: [
      {
        sent: 'a call with an argument of the variable’s name',
        reference: exchange('GET /things, authorization: Bearer EVIL', 'success'),
        ours: exchange('nothing', 'tool error INPUT_INVALID (400)'),
        ask: (t) => {
          const consumes = {
            authentication: { type: 'bearer', token: '{{API_TOKEN}}' },
            inputParameters: [{ name: 'API_TOKEN', in: 'environment' }],
          };
          return overMcp(t, { consumes }, { API_TOKEN: 'EVIL' }, { environment });
        },
      },
    ],
  },
  {
    number: 42,
    setup: 'messages to an MCP endpoint',
    why:
      'A web page of another origin must not reach a local gateway; protocol 2025-03-26, which is ' +
      'served, has batches; and a notification is never answered, known or not.',
    parts: [
      {
        sent: 'a call as text/plain',
        ...both('nothing', '415'),
        ask: async (t) =>
          (await serve(t, {})).message(called('tool'), { 'content-type': 'text/plain' }),
      },
      {
        sent: 'a call from a foreign Origin',
        reference: exchange('GET /things', 'success'),
        ours: exchange('nothing', '403 FORBIDDEN_ORIGIN'),
        ask: async (t) =>
          (await serve(t, {})).message(called('tool'), { origin: 'https://evil.example' }),
      },
      {
        sent: 'a batch',
        reference: exchange('nothing', '200 error -32600'),
        ours: exchange('GET /things', '200 with a batch of 1'),
        ask: async (t) => (await serve(t, {})).message([called('tool')]),
      },
      {
        sent: 'an unknown notification',
        reference: exchange('nothing', '200 error -32601'),
        ours: exchange('nothing', '202'),
        ask: async (t) =>
          (await serve(t, {})).message({ jsonrpc: '2.0', method: 'notifications/unknown' }),
      },
    ],
  },
];
