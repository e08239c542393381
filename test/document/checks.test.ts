import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../src/document/load.ts';

const found = (text: string): string[] =>
  loadText('x.yaml', text).findings.map(
    ({ severity, line, column, code, message }) =>
      `${severity} ${line}:${column} ${code} ${message}`,
  );

test('a namespace used twice names both places, each kind by itself', () => {
  const text = `naftiko: 1.0.0-alpha2
binds:
- {namespace: env, keys: {A: A}}
consumes:
- {namespace: api, baseUri: "https://a.example"}
- {location: ./other.yaml, import: x, as: api}
capability:
  binds:
  - {namespace: env, keys: {B: B}}
  consumes:
  - {namespace: api, baseUri: "https://b.example"}
  exposes:
  - {type: skill, namespace: api, port: 1}
  - {type: skill, namespace: api, port: 2}
`;
  assert.deepEqual(found(text), [
    'error 6:43 NAMESPACE_DUPLICATE The namespace "api" is already that of the consumed API in line 5, so its names could mean either. Rename one of the two.',
    'error 9:17 NAMESPACE_DUPLICATE The namespace "env" is already that of the bind in line 3, so its names could mean either. Rename one of the two.',
    'error 11:17 NAMESPACE_DUPLICATE The namespace "api" is already that of the consumed API in line 5, so its names could mean either. Rename one of the two.',
    'error 14:30 NAMESPACE_DUPLICATE The namespace "api" is already that of the expose in line 13, so its names could mean either. Rename one of the two.',
  ]);
  assert.notEqual(loadText('x', text).document, undefined, 'the shape is sound');
});

test('a capability that exposes nothing, and a file for others to import', () => {
  assert.deepEqual(found('naftiko: 1.0.0-alpha2\ncapability:\n  consumes: []\n'), [
    'warning 2:1 NOTHING_EXPOSED The capability exposes nothing, so nothing of it can be served. Add an entry to exposes.',
  ]);
  assert.deepEqual(found('naftiko: 1.0.0-alpha2\nconsumes: []\n'), [
    'info 2:1 NOTHING_EXPOSED The file declares consumed APIs for other files to import, and exposes nothing itself.',
  ]);
});

test('faces without anything in them', () => {
  const text = `naftiko: 1.0.0-alpha2
capability:
  exposes:
  - {type: rest, namespace: a, port: 1, resources: []}
  - {type: mcp, namespace: b, port: 2}
`;
  assert.deepEqual(
    found(text).map((finding) => finding.slice(0, 40)),
    ['warning 4:5 NOTHING_EXPOSED This REST ex', 'warning 5:5 NOTHING_EXPOSED This MCP exp'],
  );
});

test('a port with transport stdio has no meaning', () => {
  const text = `naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: mcp
    namespace: b
    transport: stdio
    port: 9090
    tools: [{name: t}]
`;
  assert.deepEqual(found(text), [
    'warning 7:5 KEY_UNKNOWN "port" has no meaning with transport stdio, which listens nowhere. Remove it, or say transport: http.',
  ]);
});
