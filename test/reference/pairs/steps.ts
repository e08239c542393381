import { outlined } from '../../support/compile.ts';
import type { Handler } from '../../support/upstream.ts';
import { ECHO } from './notation.ts';
import { exchange, type Pair } from './pair.ts';
import { json, overRest, refused } from './serving.ts';

const list = { type: 'call', name: 'list', call: 'api.op' };

/** A list of things and one thing of it, exposed as a chain. */
function chain(exposed: object): { readonly document: object } {
  const document = JSON.parse(
    outlined({ baseUri: 'http://upstream.invalid', exposed: { call: undefined, ...exposed } }),
  ) as { capability: { consumes: [{ resources: object[] }] } };
  document.capability.consumes[0].resources.push({
    path: '/item/{{id}}',
    operations: [{ name: 'item', method: 'GET', inputParameters: [{ name: 'q', in: 'query' }] }],
  });
  return { document };
}

export const stepPairs: readonly Pair[] = [
  {
    number: 31,
    setup: 'an operation without a call, with values of type number and boolean',
    why: 'A declared number is a number and a declared boolean a boolean.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('nothing', '200 {"n":"5","b":"true"}'),
        ours: exchange('nothing', '200 {"n":5,"b":true}'),
        ask: (t) => {
          const outputParameters = [
            { name: 'n', type: 'number', value: '5' },
            { name: 'b', type: 'boolean', value: 'true' },
          ];
          return overRest(t, { exposed: { call: undefined, outputParameters } }, '/r');
        },
      },
    ],
  },
  {
    number: 32,
    setup: 'a list, a lookup in it, and mappings to dotted names of which one finds nothing',
    parts: [
      {
        sent: 'GET',
        reference: exchange('GET /things', '200 {"r":{"id":2}}'),
        ours: exchange('GET /things', '200 {"r":{"id":2}}'),
        ask: (t) => {
          const lookup = {
            type: 'lookup',
            name: 'found',
            index: 'list',
            match: 'name',
            lookupValue: 'b',
            outputParameters: ['id'],
          };
          const mappings = [
            { targetName: 'r.id', value: '$.found.id' },
            { targetName: 'r.no', value: '$.found.gone' },
          ];
          const reply = json([
            { id: 1, name: 'a' },
            { id: 2, name: 'b' },
          ]);
          return overRest(t, chain({ steps: [list, lookup], mappings }), '/r', {}, { reply });
        },
      },
    ],
  },
  {
    number: 33,
    setup: 'a step whose `with` takes `{{s1.0.n}}` of a list',
    why: 'The first element of the list has an n; a path with a hole in it asks for something else.',
    parts: [
      {
        sent: 'GET ?q=x',
        reference: exchange('GET /things then GET /item/?q=x', '200'),
        ours: exchange('GET /things then GET /item/7?q=x', '200'),
        ask: (t) => {
          const second = { type: 'call', name: 's2', call: 'api.item', with: { id: '{{s1.0.n}}' } };
          const setup = chain({
            inputParameters: [{ name: 'q', in: 'query', type: 'string' }],
            steps: [{ ...list, name: 's1' }, second],
          });
          const reply: Handler = ({ url }, response) => {
            response.end(url === '/things' ? '[{"n":7}]' : ECHO);
          };
          return overRest(t, setup, '/r?q=x', {}, { reply });
        },
      },
    ],
  },
  {
    number: 40,
    setup: '`with` that uses a partial tag, `{{>x}}`',
    why: 'What cannot be read is refused at the start, with its place; the reference never answers.',
    parts: [
      {
        sent: 'GET',
        reference: exchange('nothing', 'no answer until the client gives up'),
        ours: exchange('nothing', 'start refused, TEMPLATE_INVALID'),
        ask: (t) =>
          refused(t, {
            with: { q: '{{>x}}' },
            parameters: [{ name: 'q', in: 'query', type: 'string' }],
          }),
      },
    ],
  },
];
