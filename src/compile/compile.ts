import type { Variables } from '../document/binds.ts';
import type { CapabilityDocument, Expose } from '../document/document.ts';
import { type Finding, hasErrors } from '../document/finding.ts';
import { pointerOf, type Source } from '../document/source.ts';
import type { CapabilityPlan, McpPlan, RestPlan } from '../plan/plan.ts';
import {
  type Compilation,
  type CompileOptions,
  createCompilation,
  type UsedVariable,
} from './compilation.ts';
import { compileConsumes, consumedPlanOf } from './consumes.ts';
import { indexTargets, type TargetIndex } from './link.ts';
import { compileMcp } from './mcp.ts';
import { compileRest } from './rest.ts';

export interface Compiled {
  /** Absent when a finding is an error. */
  readonly plan: CapabilityPlan | undefined;
  /** The plan as far as it goes, for `inspect` of a file that lacks a variable or a base URI. */
  readonly draft: CapabilityPlan;
  readonly findings: readonly Finding[];
  readonly secrets: ReadonlySet<string>;
  readonly variables: readonly UsedVariable[];
}

/** Turns a document into a plan: every name linked, every string a constant or a closure. */
export function compileCapability(
  document: CapabilityDocument,
  source: Source,
  variables: Variables,
  options: CompileOptions = {},
): Compiled {
  const compilation = createCompilation(document, source, variables, options);
  const blocks = compileConsumes(compilation);
  const targets = indexTargets(blocks);
  const { aggregates } = document.capability ?? {};
  if (Array.isArray(aggregates) && aggregates.length > 0) {
    compilation.report(
      'NOT_SERVED_YET',
      '/capability/aggregates',
      'Aggregates are not served yet.',
      { at: 'key' },
    );
  }
  const faces = (document.capability?.exposes ?? []).flatMap((expose, index) => {
    const face = compileExpose(
      compilation,
      targets,
      expose,
      pointerOf('/capability/exposes', index),
    );
    return face === undefined ? [] : [face];
  });
  const draft: CapabilityPlan = {
    file: source.path,
    label: document.info?.label ?? source.path,
    ...(document.info?.description === undefined ? {} : { description: document.info.description }),
    consumes: blocks.map(consumedPlanOf),
    faces,
  };
  return {
    plan: hasErrors(compilation.findings) ? undefined : draft,
    draft,
    findings: compilation.findings,
    secrets: compilation.secrets,
    variables: [...compilation.used.values()],
  };
}

function compileExpose(
  compilation: Compilation,
  targets: TargetIndex,
  expose: Expose,
  pointer: string,
): RestPlan | McpPlan | undefined {
  if (expose.authentication !== undefined) {
    compilation.report(
      'NOT_SERVED_YET',
      pointerOf(pointer, 'authentication'),
      'Authentication of callers is not served yet, so this face would be open. Remove the block, and keep the port on loopback.',
      { at: 'key' },
    );
  }
  switch (expose.type) {
    case 'rest':
      return compileRest(compilation, targets, expose, pointer);
    case 'mcp':
      return compileMcp(compilation, targets, expose, pointer);
    default:
      compilation.report(
        'NOT_SERVED_YET',
        pointerOf(pointer, 'type'),
        `An expose of type ${expose.type} is not served yet; rest and mcp are.`,
      );
      return undefined;
  }
}
