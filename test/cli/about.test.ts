import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderOf, naftiko } from './naftiko.ts';

const FILE = `naftiko: 1.0.0-alpha2
info:
  label: Fleet
  description: |
    All ships
    of the fleet
  tags: [ships, crews]
  created: 2025-01-02
  modified: 2025-03-04
  stakeholders: [{role: owner, fullName: Ann Lee, email: ann@ships.example}]
binds: [{namespace: env, description: Of the process, keys: {A: A}}]
capability:
  consumes:
  - type: http
    namespace: api
    description: The registry
    baseUri: https://ships.example
    resources:
    - path: /ships
      label: Ships
      operations: [{name: list, label: Listing, method: GET}, {name: other, method: GET}]
  aggregates:
  - {namespace: fleet, label: Functions, functions: [{name: get, description: Gets, call: api.list}]}
  exposes:
  - {type: rest, namespace: web, port: 8080, resources: [{path: /all, description: Everything, operations: [{call: api.list}]}]}
`;

test('inspect shows what a file says of itself', async (t) => {
  const file = join(await folderOf(t, { 'fleet.yaml': FILE }), 'fleet.yaml');
  const { status, out } = await naftiko(['inspect', file]);
  assert.equal(status, 0);
  const [, about = ''] = out.split('\n  About\n');
  assert.deepEqual(
    about.trimEnd().split('\n'),
    [
      ['description', 'All ships of the fleet'],
      ['tags', 'ships, crews'],
      ['written', '2025-01-02'],
      ['changed', '2025-03-04'],
      ['stakeholder', 'Ann Lee, owner, <ann@ships.example>'],
      ['bind env', 'env://, Of the process'],
      ['api api', 'The registry'],
      ['/ships', 'Ships'],
      ['  list', 'Listing'],
      ['aggregate fleet', 'Functions'],
      ['  get', 'Gets'],
      ['/all', 'Everything'],
    ].map(([name = '', words = '']) => `    ${name.padEnd(15)}  ${words}`),
  );
  const json = JSON.parse((await naftiko(['inspect', file, '--format', 'json'])).out);
  const { info, binds, aggregates } = json.capabilities[0].about;
  assert.deepEqual(info.tags, ['ships', 'crews']);
  assert.equal(info.stakeholders[0].fullName, 'Ann Lee');
  assert.equal(binds[0].description, 'Of the process');
  assert.equal(aggregates[0].label, 'Functions');
});
