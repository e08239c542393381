import assert from 'node:assert/strict';
import test from 'node:test';
import { compileOutline, refusalOf, sendOf } from '../support/compile.ts';

const rows = { name: 'rows', in: 'body', type: 'array', required: true };

test('set gives each object of a list a field, in a body of JSON', async () => {
  const { tool, route } = await compileOutline({
    method: 'POST',
    parameters: [rows],
    operation: { body: { type: 'json', data: { rows: '{{set(rows, "_rs", "I")}}' } } },
    with: { rows: 'rest.rows' },
  });
  for (const face of [tool, route]) {
    const sent = (given: unknown) => JSON.parse(sendOf(face, { rows: given }).body ?? '');
    assert.deepEqual(sent([{ a: 1 }, { _rs: 'D', b: [2] }]), {
      rows: [
        { a: 1, _rs: 'I' },
        { _rs: 'I', b: [2] },
      ],
    });
    assert.deepEqual(sent([]), { rows: [] });
    const refusal = refusalOf(() => sent([1]));
    assert.match(refusal, /^rows must be an object, or a list of objects$/);
  }
});

test('set gives one object a field, and what is absent stays absent', async () => {
  const { tool } = await compileOutline({
    method: 'POST',
    parameters: [
      { name: 'ship', in: 'body', type: 'object' },
      { name: 'port', in: 'body' },
    ],
    operation: {
      body: { type: 'json', data: { ship: '{{set(ship, "port", port)}}', kept: true } },
    },
    with: { ship: 'tools.ship', port: 'tools.port' },
  });
  const sent = (given: object) => JSON.parse(sendOf(tool, { ...given }).body ?? '');
  assert.deepEqual(sent({ ship: { imo: 1 }, port: 'NLRTM' }), {
    ship: { imo: 1, port: 'NLRTM' },
    kept: true,
  });
  assert.deepEqual(sent({ ship: { imo: 1 } }), { kept: true });
});
