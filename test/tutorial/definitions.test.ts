import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadFile } from '../../src/document/load.ts';
import { skip, tutorial } from './documents.ts';
import { startStep, stepNumber } from './serving.ts';
import { STEPS } from './stories.ts';

/** No file has more than these, and no MCP resource or prompt: the other tests would miss it. */
const FACES: Readonly<Record<number, readonly string[]>> = {
  7: ['mcp', 'skill', 'rest'],
  8: ['mcp', 'skill'],
  9: ['mcp', 'skill'],
  10: ['mcp', 'skill', 'rest'],
  11: ['mcp', 'skill', 'rest'],
};

for (const file of STEPS) {
  test(`${file}: starts without a finding but for names without braces`, { skip }, async (t) => {
    const { findings: strict } = await loadFile(join(tutorial, file), { strict: true });
    assert.deepEqual(strict, [], 'the published schema takes it');
    const { gateway } = await startStep(t, file);
    const step = stepNumber(file);
    const bare = step === 11 ? ['/authentication/token', '/inputParameters/0/value'] : [];
    assert.deepEqual(
      gateway.findings.map(({ code, severity, pointer }) => `${code} ${severity} ${pointer}`),
      bare.map((pointer) => `VARIABLE_BARE warning /consumes/0${pointer}`),
    );
    const faces = gateway.capabilities.flatMap((capability) => capability.faces);
    assert.deepEqual(
      faces.map(({ face }) => face),
      FACES[step] ?? ['mcp'],
    );
    for (const face of faces) {
      const { prompts = [], resources = [] } = face.face === 'mcp' ? face : {};
      assert.deepEqual([...prompts, ...resources], []);
    }
  });
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
}

const STATUS = ['status?: string'];
const IMO = ['imo: string'];

/** Inputs of the tools, as `name: type`, `?` for those that may be left out. */
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  'list-ships': STATUS,
  'get-ship': IMO,
  'list-legacy-vessels': STATUS,
  'create-voyage': [
    ...['shipImo', 'departurePort', 'arrivalPort', 'departureDate', 'arrivalDate'].map(
      (name) => `${name}: string`,
    ),
    'crewIds: array',
    'cargoIds?: array',
  ],
  'get-ship-with-crew': IMO,
  'get-voyage-manifest': ['voyageId: string'],
};

const SHIP = 'imo: string, name: string, type: string, flag: string, status: string';
const CREW = '[{fullName: string, role: string}]';

/** What the tools declare to give, the null that each value may be left out. */
const OUTPUTS: Readonly<Record<string, string>> = {
  'list-ships': `{result: [{${SHIP}}]}`,
  'get-ship': `{${SHIP}, specs: {yearBuilt: number, tonnage: number, length: number}}`,
  'list-legacy-vessels':
    '{result: [{vesselCode: string, name: string, type: string, flag: string, status: string}]}',
  'create-voyage':
    '{voyageId: string, shipImo: string, route: {from: string, to: string}, dates: {departure: string, arrival: string}, crewIds: [string], cargoIds: [string], status: string}',
  'get-ship-with-crew': `{${SHIP}, yearBuilt: number, tonnage: number, length: number, crew: ${CREW}}`,
  'get-voyage-manifest': `{voyageId: string, status: string, route: {from: string, to: string}, ship: {name: string, type: string, flag: string}, crew: ${CREW}, cargo: [{type: string, description: string, weight: number, hazardous: boolean}]}`,
};

for (const file of STEPS.slice(1)) {
  test(`${file}: tools say what they take, give and do`, { skip }, async (t) => {
    const { tools } = await (await (await startStep(t, file)).agent()).listTools();
    for (const { name, inputSchema, outputSchema, annotations, description } of tools) {
      assert.ok(description !== undefined && description !== '', name);
      assert.deepEqual(inputsOf(inputSchema as Schema), INPUTS[name], name);
      const short = name === 'get-ship' && stepNumber(file) < 4;
      assert.equal(written(outputSchema as Schema), short ? `{${SHIP}}` : OUTPUTS[name], name);
      const writes = name === 'create-voyage';
      assert.deepEqual(
        annotations,
        {
          readOnlyHint: !writes,
          destructiveHint: false,
          idempotentHint: !writes,
          openWorldHint: true,
        },
        name,
      );
    }
  });
}

const inputsOf = ({ properties = {}, required = [] }: Schema): string[] =>
  Object.entries(properties).map(
    ([name, { type }]) => `${name}${required.includes(name) ? '' : '?'}: ${type}`,
  );

function written({ type = 'any', properties, items }: Schema): string {
  if (items !== undefined) return `[${written(items)}]`;
  if (properties === undefined) return [type].flat()[0] ?? '';
  const members = Object.entries(properties).map(([name, of]) => `${name}: ${written(of)}`);
  return `{${members.join(', ')}}`;
}
