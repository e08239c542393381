import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { NOT_SERVED } from '../../src/document/not-served.ts';
import { loadCapabilities } from '../../src/gateway/load.ts';
import { folderOf } from '../support/faces.ts';
import { ENVIRONMENT, EXAMPLES, type Example } from './examples.ts';
import { observe } from './observe.ts';
import { allProperties, type Occurrence, occurrencesIn, refusalOf } from './schema.ts';

/** Values to try in place of the ones that are made up, by property: what else there is to name. */
const OTHERS: Readonly<Record<string, readonly unknown[]>> = {
  'OrchestratedOutputParameterArray.type': ['string'],
  'OrchestratedOutputParameterObject.type': ['string'],
  'ExposedResource.forward': [{ targetNamespace: 'api', trustedHeaders: ['x-other'] }],
  'ExposesMcp.transport': ['stdio'],
  // What is left out of these is on.
  'ExposesControl.observability': [{ enabled: false }],
  'ObservabilitySpec.metrics': [{ local: { enabled: false } }],
  'ObservabilityMetricsSpec.local': [{ enabled: false }],
  'RequestBodyJson.data': [{ b: 1 }],
  'RequestBodyFormUrlEncoded.data': [{ b: '1' }],
};

/** Says of which kind its block is, as a constant does. */
const DECIDING: ReadonlySet<string> = new Set(['OperationStepBase.type']);

/** What a property was changed to, where that changed what is compiled. */
const proven = new Map<string, string>();

for (const [name, example] of Object.entries(EXAMPLES)) {
  describe(`the example "${name}"`, () => {
    walkExample(example);
  });
}

function walkExample({ capability, files = {}, beyond = false }: Example): void {
  const document = parse(capability) as unknown;
  const closers: (() => void | Promise<void>)[] = [];
  let folder = '';
  before(async () => {
    folder = await folderOf({ after: (close) => void closers.push(close) }, files);
  });
  after(async () => {
    for (const close of closers) await close();
  });

  test('is what the published schema means, and is served', async () => {
    const refusal = refusalOf(document);
    assert.equal(refusal !== undefined, beyond, refusal);
    const observed = await observe(folder, document, ENVIRONMENT);
    assert.equal(observed?.broken, false, observed?.text.slice(-3000));
  });

  test('changes with each of its properties', async () => {
    const plain = await observe(folder, document, ENVIRONMENT);
    for (const [property, occurrences] of occurrencesIn(document)) {
      if (proven.has(property)) continue;
      const change = await firstChange(folder, document, property, occurrences, plain?.text);
      if (change !== undefined) proven.set(property, change);
    }
  });
}

async function firstChange(
  folder: string,
  document: unknown,
  property: string,
  occurrences: readonly Occurrence[],
  plain: string | undefined,
): Promise<string | undefined> {
  for (const { pointer, enum: listed, constant } of occurrences.slice(0, 6)) {
    const value = valueAt(document, pointer);
    for (const other of [...(OTHERS[property] ?? []), ...othersOf(value, listed)]) {
      const changed = withValue(document, pointer, other);
      const observed = await observe(folder, changed, ENVIRONMENT);
      // What a constant says of its block cannot be changed alone: then the block is refused.
      if (observed === undefined ? constant || DECIDING.has(property) : observed.text !== plain)
        return `/${pointer.join('/')} = ${JSON.stringify(other) ?? 'nothing'}`;
    }
  }
  return undefined;
}

/** Values beside the one that is there; undefined for none. */
function othersOf(value: unknown, listed: readonly unknown[]): readonly unknown[] {
  const others = listed.filter((each) => each !== value);
  if (others.length > 0) return [...others, undefined];
  switch (typeof value) {
    case 'string':
      return [`${value}x`, undefined];
    case 'number':
      return [value + 1, undefined];
    case 'boolean':
      return [!value, undefined];
    default:
      return [undefined, ...(Array.isArray(value) ? [value.slice(0, -1)] : [])];
  }
}

function valueAt(document: unknown, pointer: Occurrence['pointer']): unknown {
  return pointer.reduce<unknown>(
    (parent, key) => (parent as Readonly<Record<string | number, unknown>>)[key],
    document,
  );
}

function withValue(document: unknown, pointer: Occurrence['pointer'], value: unknown): unknown {
  const copy = structuredClone(document);
  const parent = valueAt(copy, pointer.slice(0, -1)) as Record<string | number, unknown>;
  const key = pointer.at(-1) as string | number;
  if (value === undefined) delete parent[key];
  else parent[key] = value;
  return copy;
}

test('every property of the published schema is honoured, or listed as not served', () => {
  const missing = allProperties().filter((property) => !proven.has(property));
  const listed = Object.keys(NOT_SERVED);
  assert.deepEqual(missing.sort(), listed.sort(), 'neither more nor less than the list');
});

test('what is not served is told of at its key, or at the one above it', async (t) => {
  const told = new Set<string>();
  for (const { capability, files = {} } of Object.values(EXAMPLES)) {
    const document = parse(capability) as unknown;
    const occurrences = occurrencesIn(document);
    const path = join(await folderOf(t, { ...files, 'told.yaml': capability }), 'told.yaml');
    const { findings } = await loadCapabilities({ files: [path], environment: ENVIRONMENT });
    const pointers = findings
      .filter(({ code }) => code === 'NOT_SERVED_YET')
      .map(({ pointer }) => pointer);
    for (const property of Object.keys(NOT_SERVED)) {
      for (const { pointer } of occurrences.get(property) ?? []) {
        const here = `/${pointer.join('/')}`;
        const below = pointers.some((each) => each.startsWith(`${here}/`));
        if (below || pointers.some((each) => here === each || here.startsWith(`${each}/`)))
          told.add(property);
      }
    }
  }
  assert.deepEqual([...told].sort(), Object.keys(NOT_SERVED).sort());
});
