import { exchange, type Pair } from './pair.ts';
import { overRest } from './serving.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

const query = { name: 'q', in: 'query', type: 'string' };
const bound = {
  consumes: { authentication: { type: 'bearer', token: '{{TOKEN}}' } },
  binds: [{ namespace: 'env', keys: { TOKEN: 'TOKEN' } }],
};
const environment = { TOKEN: 'T1', API_TOKEN: 'E1' };

export const credentialPairs: readonly Pair[] = [
  {
    number: 7,
    setup: 'consumed basic authentication, bob and s3cret',
    why: 'The reference sends the identity of a Java array in place of the password.',
    parts: [
      {
        sent: 'GET',
        reference: exchange(`GET /things, authorization: ${basic('bob:[C@23e737c2')}`, '200'),
        ours: exchange(`GET /things, authorization: ${basic('bob:s3cret')}`, '200'),
        ask: (t) => {
          const authentication = { type: 'basic', username: 'bob', password: 's3cret' };
          return overRest(t, { consumes: { authentication } }, '/r');
        },
      },
    ],
  },
  {
    number: 8,
    setup: 'a consumed bearer token from a bind',
    why: 'Binds reach every string of a file; a template that is sent as it is written is no credential.',
    parts: [
      {
        sent: 'GET of an operation without inputs',
        reference: exchange('GET /things, authorization: Bearer {{TOKEN}}', '200'),
        ours: exchange('GET /things, authorization: Bearer T1', '200'),
        ask: (t) => overRest(t, bound, '/r', {}, { environment }),
      },
    ],
  },
  {
    number: 9,
    setup: 'a consumed bearer token from a bind, and a query input',
    why: 'Whether an operation has inputs has no bearing on its credential.',
    parts: [
      {
        sent: 'GET ?q=1',
        reference: exchange('GET /things?q=1', '200'),
        ours: exchange('GET /things?q=1, authorization: Bearer T1', '200'),
        ask: (t) =>
          overRest(
            t,
            { ...bound, parameters: [query], declared: [query] },
            '/r?q=1',
            {},
            {
              environment,
            },
          ),
      },
    ],
  },
  {
    number: 10,
    setup: 'a consumed parameter from the environment, and a header with a template',
    why: 'A header’s template is filled like any other; the credential is the same.',
    parts: [
      {
        sent: 'GET ?q=z',
        reference: exchange('GET /things?q=z, authorization: Bearer E1, x-t: t-{{q}}', '200'),
        ours: exchange('GET /things?q=z, authorization: Bearer E1, x-t: t-z', '200'),
        ask: (t) => {
          const consumes = {
            authentication: { type: 'bearer', token: '{{API_TOKEN}}' },
            inputParameters: [
              { name: 'API_TOKEN', in: 'environment' },
              { name: 'X-T', in: 'header', value: 't-{{q}}' },
            ],
          };
          const setup = { consumes, parameters: [query], declared: [query] };
          return overRest(t, setup, '/r?q=z', {}, { environment });
        },
      },
    ],
  },
  {
    number: 11,
    setup: 'a consumed API key in the query, `a b&c`',
    why: 'Unencoded, the key ends at its `&`, and the rest of it becomes another parameter.',
    parts: [
      {
        sent: 'GET ?q=1',
        reference: exchange('GET /things?q=1&X-Key=a%20b&c', '200'),
        ours: exchange('GET /things?X-Key=a%20b%26c&q=1', '200'),
        ask: (t) => {
          const authentication = {
            type: 'apikey',
            key: 'X-Key',
            value: 'a b&c',
            placement: 'query',
          };
          const setup = { consumes: { authentication }, parameters: [query], declared: [query] };
          return overRest(t, setup, '/r?q=1');
        },
      },
    ],
  },
];
