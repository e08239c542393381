import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchRouteVariables } from '../../src/compile/route-variables.ts';
import { compileOutline, inputOf, type Outline } from '../support/compile.ts';

/** Where REST finds each input, as `place name`. */
async function sourcesOf(outline: Outline): Promise<Record<string, string>> {
  const { route } = await compileOutline(outline);
  return Object.fromEntries(
    route.operation.inputs.map(({ name, from }) => [name, `${from.in} ${from.name}`]),
  );
}

describe('where REST finds an input', () => {
  test('in the place of the consumed parameter', async () => {
    const parameters = ['query', 'header', 'cookie', 'body'].map((place) => ({
      name: `In-${place}`,
      in: place,
    }));
    assert.deepEqual(await sourcesOf({ method: 'POST', parameters }), {
      'In-query': 'query In-query',
      'In-header': 'header in-header',
      'In-cookie': 'cookie In-cookie',
      'In-body': 'body In-body',
    });
  });

  test('in the route: exactly, then ignoring case, then ignoring case and marks', async () => {
    assert.deepEqual(
      await sourcesOf({
        path: '/{id}/{paymentPspReference}/{deployment_id}/{lost}',
        route: '/r/{deployment-id}/{paymentpspreference}/{id}/{other}',
      }),
      {
        id: 'path id',
        paymentPspReference: 'path paymentpspreference',
        deployment_id: 'path deployment-id',
        lost: 'query lost',
      },
    );
  });

  test('a query or header parameter in the route comes from there, a body never', async () => {
    assert.deepEqual(
      await sourcesOf({
        method: 'POST',
        route: '/r/{q}/{x-h}/{body}',
        parameters: [
          { name: 'q', in: 'query' },
          { name: 'X-H', in: 'header' },
          { name: 'body', in: 'body' },
        ],
      }),
      { q: 'path q', 'X-H': 'path x-h', body: 'body body' },
    );
  });

  test('a path variable takes its route variable before a query parameter that is alike', async () => {
    assert.deepEqual(
      await sourcesOf({
        path: '/u/{user_id}',
        route: '/r/{user-id}',
        parameters: [{ name: 'user-id', in: 'query' }],
        with: { 'user-id': 'rest.user-id', user_id: 'rest.user_id' },
      }),
      { 'user-id': 'query user-id', user_id: 'path user-id' },
    );
  });

  test('the name that with gives is matched, not the consumed one', async () => {
    assert.deepEqual(
      await sourcesOf({ path: '/u/{id}', route: '/r/{imo}', with: { id: 'rest.IMO' } }),
      { IMO: 'path imo' },
    );
  });

  test('a declared place decides, and without one that of what the input feeds', async () => {
    assert.deepEqual(
      await sourcesOf({
        declared: [{ name: 'a', in: 'header' }, { name: 'b' }, { name: 'c' }],
        parameters: [
          { name: 'a', in: 'query' },
          { name: 'b', in: 'cookie' },
          { name: 'x', in: 'query' },
        ],
        with: { a: 'rest.a', b: 'rest.b', x: 'rest.c' },
      }),
      { a: 'header a', b: 'cookie b', c: 'query c' },
    );
  });

  test('with nothing said of inputs, callers may give each, and none is demanded', async () => {
    const { route, tool } = await compileOutline({
      method: 'POST',
      parameters: [
        { name: 'q', in: 'query', required: true },
        { name: 'Host', in: 'header' },
        { name: 'nowhere', in: 'path', required: true },
        { name: 'body', in: 'body', required: true },
      ],
    });
    for (const plan of [route, tool]) {
      assert.deepEqual(
        plan.operation.inputs.map(({ name, required }) => [name, required]),
        [
          ['q', false],
          ['body', false],
        ],
      );
    }
  });

  test('an input is required where any parameter that it feeds is', async () => {
    const { tool } = await compileOutline({
      parameters: [
        { name: 'a', in: 'query' },
        { name: 'b', in: 'query', required: true },
      ],
      with: { a: 'tools.x', b: 'tools.x' },
    });
    assert.equal(inputOf(tool, 'x').required, true);
  });
});

describe('matching names with variables of a route', () => {
  const match = (wanted: string[], available: string[]): Record<string, string> =>
    Object.fromEntries(matchRouteVariables(wanted, available));

  test('an exact match is not given away to one that is only alike', () => {
    assert.deepEqual(match(['USER_ID', 'user_id'], ['user_id', 'userid']), {
      user_id: 'user_id',
      USER_ID: 'userid',
    });
  });

  test('no variable is taken twice', () => {
    assert.deepEqual(match(['a-b', 'a_b', 'AB'], ['ab']), { AB: 'ab' });
    assert.deepEqual(match(['a-b', 'a_b'], ['ab']), { 'a-b': 'ab' });
  });

  test('names of marks alone match nothing but themselves', () => {
    assert.deepEqual(match(['$', '+'], ['@', '+']), { '+': '+' });
  });

  test('names of prototypes are names', () => {
    assert.deepEqual(matchRouteVariables(['__proto__'], ['proto']).get('__proto__'), 'proto');
    assert.deepEqual(match(['constructor'], []), {});
  });
});
