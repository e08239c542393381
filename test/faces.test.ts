import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileControl } from '../src/compile/control.ts';
import { compilePrompts } from '../src/compile/prompts.ts';
import { compileResources } from '../src/compile/resources.ts';
import { compileSkill } from '../src/compile/skill.ts';
import type { ExposesControl, ExposesSkill } from '../src/document/faces.ts';
import { type Compiling, compiling } from './support/faces.ts';

const shared = join(import.meta.dirname, '../../shared/reference');
const skip = existsSync(shared) ? false : 'the shared reference is not here';

function open(file: string): Promise<Compiling> {
  const path = join(shared, file);
  return compiling(path, readFileSync(path, 'utf8'));
}

test('the reference’s resources and prompts compile without a finding of their own', {
  skip,
}, async () => {
  const compiled = await open('fixtures/mcp/mcp-resources-prompts-capability.yaml');
  const { compilation, targets, expose } = compiled;
  const resources = compileResources(compilation, targets, ...expose('mcp'));
  const prompts = compilePrompts(compilation, targets, ...expose('mcp'));
  const own = compilation.findings.filter(({ pointer }) => pointer.includes('/exposes/'));
  assert.deepEqual(own, []);
  assert.deepEqual(
    resources.map((plan) => [
      plan.definition.uri,
      plan.kind === 'dynamic' && plan.template?.length,
    ]),
    [
      ['data://databases/pre-release/schema', undefined],
      ['data://users/{userId}/profile', 3],
    ],
  );
  assert.deepEqual(
    prompts.map(({ definition, messages }) => [definition.name, messages.length]),
    [
      ['participant-outreach', 1],
      ['summary-prompt', 3],
    ],
  );
});

test('the reference’s skills compile; a folder that is not there is a warning', {
  skip,
}, async () => {
  const fixture = await open('fixtures/skill-capability.yaml');
  const [expose, pointer] = fixture.expose('skill');
  const plan = compileSkill(fixture.compilation, expose as ExposesSkill, pointer);
  const errors = fixture.compilation.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, []);
  assert.deepEqual(
    plan.skills.map(({ name, tools }) => [name, tools.map(({ kind }) => kind)]),
    [
      ['order-management', ['derived', 'instruction']],
      ['onboarding-guide', []],
    ],
  );
});

test('every tool of the tutorial’s skills is found', { skip }, async () => {
  const steps = [
    'step-7-shipyard-orchestrated-lookup.yml',
    'step-8-shipyard-skill-groups.yml',
    'step-9-shipyard-aggregates.yml',
    'step-10-shipyard-rest-adapter.yml',
    'step-11-shipyard-fleet-manifest.yml',
  ];
  for (const step of steps) {
    const tutorial = await open(`tutorial/${step}`);
    const before = tutorial.compilation.findings.length;
    const [expose, pointer] = tutorial.expose('skill');
    const { skills } = compileSkill(tutorial.compilation, expose as ExposesSkill, pointer);
    assert.deepEqual(tutorial.found().slice(before), [], step);
    assert.ok(skills.length > 0 && skills.every(({ tools }) => tools.length > 0), step);
  }
});

test('the reference’s control exposes compile, what is not served being a warning', {
  skip,
}, async () => {
  const found: Record<string, string[]> = {};
  for (const name of ['capability', 'observability-disabled', 'scripting-capability']) {
    const fixture = await open(`fixtures/control/control-${name}.yaml`);
    const [expose, pointer] = fixture.expose('control');
    const plan = compileControl(fixture.compilation, expose as ExposesControl, pointer);
    assert.equal(plan.health, true);
    found[name] = fixture.found();
  }
  const at = '/capability/exposes/0';
  assert.deepEqual(found, {
    capability: [`NOT_SERVED_YET warning ${at}/observability/traces`],
    'observability-disabled': [],
    'scripting-capability': [`NOT_SERVED_YET warning ${at}/management/scripting`],
  });
});
