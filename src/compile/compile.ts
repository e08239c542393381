import type { Variables } from '../document/binds.ts';
import type { CapabilityDocument, Expose } from '../document/document.ts';
import type { ExposesControl, ExposesSkill } from '../document/faces.ts';
import { type Finding, hasErrors } from '../document/finding.ts';
import { pointerOf, type Source } from '../document/source.ts';
import type { CapabilityPlan, FacePlan } from '../plan/plan.ts';
import { checkAggregates } from './aggregates.ts';
import {
  type Compilation,
  type CompileOptions,
  createCompilation,
  type UsedVariable,
  usedOfEnvironment,
} from './compilation.ts';
import { type CompiledConsumes, compileConsumes, consumedPlanOf } from './consumes.ts';
import { compileControl } from './control.ts';
import { prepareFormats } from './formats.ts';
import { compileAccess } from './inbound.ts';
import { compileLimits, withLimits } from './limits.ts';
import { indexTargets, type TargetIndex } from './link.ts';
import { compileMcp } from './mcp.ts';
import { compileRest } from './rest.ts';
import { compileSkill } from './skill.ts';
import { checkUnreferred } from './unreferred.ts';

export interface Compiled {
  /** Absent when a finding is an error. */
  readonly plan: CapabilityPlan | undefined;
  /** The plan as far as it goes, for `inspect` of a file that lacks a variable or a base URI. */
  readonly draft: CapabilityPlan;
  readonly findings: readonly Finding[];
  readonly secrets: ReadonlySet<string>;
  readonly variables: readonly UsedVariable[];
  /** Keys of those that the environment gives. */
  readonly environment: readonly string[];
}

/** Turns a document into a plan: every name linked, every string a constant or a closure. */
export async function compileCapability(
  document: CapabilityDocument,
  source: Source,
  variables: Variables,
  options: CompileOptions = {},
): Promise<Compiled> {
  const formats = await prepareFormats(document, source, options.allowImport);
  const compilation = createCompilation(document, source, variables, options, formats);
  const blocks = compileConsumes(compilation);
  const targets = indexTargets(blocks);
  checkAggregates(compilation);
  const faces = (document.capability?.exposes ?? []).map((expose, index) =>
    compileExpose(compilation, targets, blocks, expose, pointerOf('/capability/exposes', index)),
  );
  checkUnreferred(compilation, targets);
  const draft: CapabilityPlan = {
    file: source.path,
    specVersion: document.naftiko,
    label: document.info?.label ?? source.path,
    ...(document.info?.description === undefined ? {} : { description: document.info.description }),
    consumes: blocks.map(consumedPlanOf),
    faces,
    ...(compilation.cached.size === 0 ? {} : { cached: [...compilation.cached] }),
  };
  return {
    plan: hasErrors(compilation.findings) ? undefined : draft,
    draft,
    findings: compilation.findings,
    secrets: compilation.secrets,
    variables: [...compilation.used.values()],
    environment: usedOfEnvironment(compilation),
  };
}

function compileExpose(
  compilation: Compilation,
  targets: TargetIndex,
  blocks: readonly CompiledConsumes[],
  expose: Expose,
  pointer: string,
): FacePlan {
  const compiled = compileFace(compilation, targets, blocks, expose, pointer);
  const own = compileLimits(compilation, expose, pointer, compiled.namespace ?? compiled.face);
  const face = withLimits(compiled, own);
  const access = compileAccess(compilation, expose, pointer);
  checkOwnCredentials(compilation, face, access.authentication, pointer);
  return { ...face, ...access };
}

/** The header in which callers show themselves to the gateway goes no further. */
function checkOwnCredentials(
  compilation: Compilation,
  face: FacePlan,
  authentication: FacePlan['authentication'],
  pointer: string,
): void {
  if (face.face !== 'rest' || authentication === undefined) return;
  const own = authentication.type === 'apikey' ? authentication.key.toLowerCase() : 'authorization';
  const inputs = face.routes.flatMap(({ operation }) => operation.inputs);
  if (!inputs.some(({ secret, from }) => secret === true && from.name === own)) return;
  compilation.report(
    'VALUE_NOT_ALLOWED',
    pointerOf(pointer, 'authentication'),
    `Callers show themselves to this expose in the header ${own}, so they cannot give the credential of a consumed API in it, too. Give that one another header.`,
  );
}

function compileFace(
  compilation: Compilation,
  targets: TargetIndex,
  blocks: readonly CompiledConsumes[],
  expose: Expose,
  pointer: string,
): FacePlan {
  switch (expose.type) {
    case 'rest':
      return compileRest(compilation, targets, blocks, expose, pointer);
    case 'mcp':
      return compileMcp(compilation, targets, expose, pointer);
    case 'skill':
      return compileSkill(compilation, expose as ExposesSkill, pointer);
    case 'control':
      return compileControl(compilation, expose as ExposesControl, pointer);
  }
}
