import type { TestContext } from 'node:test';
import { capability, whole } from '../../support/capability.ts';
import { jsonBody } from '../../support/http.ts';
import { exchange, type Pair } from './pair.ts';
import { json, serve } from './serving.ts';

const body = { name: 'body', in: 'body', type: 'string', required: true };
const login = { email: 'a@b.c', password: 'p' };
const loginText = JSON.stringify(login);

const cloudally = {
  document: JSON.parse(
    capability({
      name: 'cloudally',
      operations: { login: { route: 'POST /auth', parameters: [body], output: whole } },
      consumes: { authentication: { type: 'bearer', token: '{{env.KEY}}' } },
      binds: [{ namespace: 'env', keys: { KEY: 'KEY' } }],
    }),
  ) as object,
};

const koyeb = {
  document: JSON.parse(
    capability({
      name: 'koyeb',
      operations: {
        login: {
          route: 'POST /login',
          parameters: [body, { name: 'seon-fp', in: 'header', type: 'string' }],
          output: whole,
        },
        logout: { route: 'DELETE /logout', output: whole },
      },
    }),
  ) as object,
};

const token = { reply: json({ token: 'T' }), environment: { KEY: 'K1' } };
const served = (t: TestContext, document: { readonly document: object }) =>
  serve(t, document, token);

export const seedPairs: readonly Pair[] = [
  {
    number: 1,
    setup: 'a published file with a body and a bearer token',
    why: 'The file says what is sent and with which credential; without them the call is of no use.',
    parts: [
      {
        sent: 'POST with JSON',
        reference: exchange('POST /auth', '200 {}'),
        ours: exchange(
          `POST /auth, authorization: Bearer K1, body (application/json) ${loginText}`,
          '200 {"token":"T"}',
        ),
        ask: async (t) => (await served(t, cloudally)).rest('/auth', jsonBody(login)),
      },
    ],
  },
  {
    number: 2,
    setup: 'a published file with a body and a header input',
    why: '`rest.x` is the caller’s input `x`; the words of a reference are never sent.',
    parts: [
      {
        sent: 'POST with JSON and `seon-fp: FP`',
        reference: exchange('POST /login, seon-fp: rest.seon-fp', '200 {}'),
        ours: exchange(
          `POST /login, seon-fp: FP, body (application/json) ${loginText}`,
          '200 {"token":"T"}',
        ),
        ask: async (t) => {
          const sent = jsonBody(login);
          const headers = { ...sent.headers, 'seon-fp': 'FP' };
          return (await served(t, koyeb)).rest('/login', { ...sent, headers });
        },
      },
    ],
  },
  {
    number: 3,
    setup: 'a published file without authentication',
    why:
      'Like the reference, nobody’s Authorization is handed on unasked (`--forward-header` asks); but ' +
      'a whole-payload mapping gives the whole payload, not an empty object.',
    parts: [
      {
        sent: 'DELETE with the caller’s Authorization',
        reference: exchange('DELETE /logout', '200 {}'),
        ours: exchange('DELETE /logout', '200 {"token":"T"}'),
        ask: async (t) =>
          (await served(t, koyeb)).rest('/logout', {
            method: 'DELETE',
            headers: { authorization: 'Bearer C' },
          }),
      },
    ],
  },
  {
    number: 4,
    setup: 'a path that is served for POST',
    why: 'The path exists, so 405 with Allow is what HTTP says; a 404 sends the caller looking elsewhere.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('nothing', '404 with a fixed text'),
        ours: exchange('nothing', '405 METHOD_NOT_ALLOWED, allow: OPTIONS, POST'),
        ask: async (t) => (await served(t, koyeb)).rest('/login'),
      },
    ],
  },
  {
    number: 5,
    setup: 'a path that is served for GET',
    why: 'OPTIONS tells what a path takes and HEAD follows GET, as clients and monitors expect.',
    parts: [
      {
        sent: 'OPTIONS',
        reference: exchange('nothing', '404'),
        ours: exchange('nothing', '204 without a body, allow: GET, HEAD, OPTIONS'),
        ask: async (t) => (await serve(t, {})).rest('/r', { method: 'OPTIONS' }),
      },
      {
        sent: 'HEAD',
        reference: exchange('nothing', '404'),
        ours: exchange('GET /things', '200 without a body'),
        ask: async (t) => (await serve(t, {})).rest('/r', { method: 'HEAD' }),
      },
    ],
  },
  {
    number: 6,
    setup: 'the tool of a published file',
    why: '`tools.body` is the caller’s input `body`, sent as JSON, with the credential of the file.',
    parts: [
      {
        sent: 'a call with a body object',
        reference: exchange('POST /auth', 'success {}'),
        ours: exchange(
          `POST /auth, authorization: Bearer K1, body (application/json) ${loginText}`,
          'success {"token":"T"}',
        ),
        ask: async (t) => (await served(t, cloudally)).tool({ body: login }, 'login'),
      },
    ],
  },
];
