import { both, exchange, type Pair } from './pair.ts';
import { overMcp, overRest } from './serving.ts';

const text = (name: string, place: string) => ({ name, in: place, type: 'string' });
const id = text('id', 'path');

export const placePairs: readonly Pair[] = [
  {
    number: 12,
    setup: 'inputs in path, query, header and cookie',
    why:
      'A declared cookie is sent like every other declared parameter, and a space in a query is `%20`, ' +
      'which every server reads as a space.',
    parts: [
      {
        sent: 'GET /item/a%20b%2Fc?q=x%26y%3D1+z with `X-H: h` and `Cookie: ck=1`',
        reference: exchange('GET /item/a%20b%2Fc?q=x%26y%3D1+z, x-h: h', '200'),
        ours: exchange('GET /item/a%20b%2Fc?q=x%26y%3D1%20z, cookie: ck=1, x-h: h', '200'),
        ask: (t) => {
          const all = [id, text('q', 'query'), text('X-H', 'header'), text('ck', 'cookie')];
          const setup = {
            route: '/item/{id}',
            path: '/item/{{id}}',
            parameters: all,
            declared: all,
          };
          return overRest(t, setup, '/item/a%20b%2Fc?q=x%26y%3D1+z', {
            headers: { 'x-h': 'h', cookie: 'ck=1' },
          });
        },
      },
    ],
  },
  {
    number: 13,
    setup: 'a query parameter fed from the path',
    why: 'A path value is decoded on its way in, so the space arrives as a space, not as `%20` in letters.',
    parts: [
      {
        sent: 'GET /x/a%20b',
        reference: exchange('GET /things?id=a%2520b', '200'),
        ours: exchange('GET /things?id=a%20b', '200'),
        ask: (t) => {
          const setup = {
            route: '/x/{p}',
            declared: [text('p', 'path')],
            parameters: [text('id', 'query')],
            with: { id: '{{p}}' },
          };
          return overRest(t, setup, '/x/a%20b');
        },
      },
    ],
  },
  {
    number: 14,
    setup: 'a consumed path with single braces, `/single/{id}`',
    why: 'Published files write their path variables so; the braces are never part of an address.',
    parts: [
      {
        sent: 'GET /single/7',
        reference: exchange('GET /single/{id}', '200'),
        ours: exchange('GET /single/7', '200'),
        ask: (t) =>
          overRest(
            t,
            { route: '/single/{id}', path: '/single/{id}', declared: [id], parameters: [id] },
            '/single/7',
          ),
      },
    ],
  },
  {
    number: 15,
    setup: 'a tool with a path argument',
    why: 'A path value stays one segment: no argument reaches another path, query or operation.',
    parts: [
      {
        sent: 'a call with `a/../b?x=1#f`',
        reference: exchange('GET /item/a/../b?x=1', 'success'),
        ours: exchange('GET /item/a%2F..%2Fb%3Fx%3D1%23f', 'success'),
        ask: (t) =>
          overMcp(
            t,
            { path: '/item/{{id}}', declared: [text('id', 'path')], parameters: [id] },
            { id: 'a/../b?x=1#f' },
          ),
      },
    ],
  },
  {
    number: 16,
    setup: 'a tool with a list for a query parameter',
    why: 'A list repeats the name of the parameter, as web forms do; Java’s way to print one is nobody’s format.',
    parts: [
      {
        sent: 'a call with `["x","y z"]`',
        reference: exchange('GET /things?arr=%5Bx%2C+y+z%5D', 'success'),
        ours: exchange('GET /things?arr=x&arr=y%20z', 'success'),
        ask: (t) => {
          const list = { name: 'arr', in: 'query', type: 'array' };
          const setup = { declared: [list], parameters: [list], with: { arr: 'mcp.arr' } };
          return overMcp(t, setup, { arr: ['x', 'y z'] });
        },
      },
    ],
  },
  {
    number: 41,
    setup: '`with` that swaps a and b',
    why: 'Each reference means what the caller gave, on both faces, in whatever order they are filled.',
    parts: [
      {
        sent: 'GET ?a=1&b=2',
        reference: exchange('GET /things?a=2&b=2', '200'),
        ours: exchange('GET /things?a=2&b=1', '200'),
        ask: (t) => overRest(t, swapped('web'), '/r?a=1&b=2'),
      },
      {
        sent: 'a call with a=1, b=2',
        ...both('GET /things?a=2&b=1', 'success'),
        ask: (t) => overMcp(t, swapped('mcp'), { a: '1', b: '2' }),
      },
    ],
  },
];

function swapped(namespace: string) {
  const parameters = [text('a', 'query'), text('b', 'query')];
  return { declared: parameters, parameters, with: { a: `${namespace}.b`, b: `${namespace}.a` } };
}
