import type { Exposed } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { CallStep, JsonSchema, OperationPlan, RawFormat } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { planInputs } from './inputs.ts';
import { type CallEvidence, linkCall, type TargetIndex } from './link.ts';
import { compileOutput } from './output.ts';
import { outputSchemaOf } from './output-schema.ts';
import { compileRequest } from './request.ts';

export interface CompiledOperation {
  readonly plan: OperationPlan;
  readonly target: ConsumedTarget;
  /** Of a shaped answer. */
  readonly outputSchema: JsonSchema | undefined;
}

/** One exposed operation or tool as a plan; undefined when a finding says why not. */
export function compileOperation(
  compilation: Compilation,
  targets: TargetIndex,
  side: ExposedSide,
  evidence: CallEvidence,
): CompiledOperation | undefined {
  const { exposed, pointer } = side;
  if (!isServed(compilation, exposed, pointer)) return undefined;
  const target = linkCall(compilation, targets, exposed, pointer, evidence);
  const { outputParameters = [] } = exposed;
  const format = formatOf(target);
  // Judged even where the call names nothing: one run tells all that is wrong.
  const name = target?.operation.name ?? '';
  const answer = compileOutput(compilation, outputParameters, pointer, format, name);
  if (target === undefined) return undefined;
  const { inputs, feeds } = planInputs(compilation, side, target);
  const step: CallStep = {
    kind: 'call',
    name,
    target: target.id,
    method: target.method,
    pathTemplate: target.resource.path,
    baseUri: target.block.base.text,
    redirects: target.block.redirects,
    setCookie: target.block.consumes.forwardSetCookie === true,
    format,
    build: compileRequest(compilation, target, feeds, format),
  };
  return {
    plan: { id: target.id, inputs, steps: [step], answer },
    target,
    outputSchema: answer.kind === 'project' ? outputSchemaOf(outputParameters) : undefined,
  };
}

const formatOf = (target: ConsumedTarget | undefined): RawFormat =>
  (target?.operation.outputRawFormat ?? 'json') as RawFormat;

/** Parts of the language that a later version serves are refused, never passed over in silence. */
function isServed(compilation: Compilation, exposed: Exposed, pointer: string): boolean {
  const refuse = (at: string, message: string): boolean => {
    compilation.report('NOT_SERVED_YET', at, message, { at: 'key' });
    return false;
  };
  if (exposed.ref !== undefined) {
    const at = pointerOf(pointer, 'ref');
    return refuse(at, 'Aggregates and "ref" are not served yet. Write the call here.');
  }
  if (exposed.steps !== undefined) {
    const at = pointerOf(pointer, 'steps');
    return refuse(at, 'Orchestrated steps are not served yet. A single "call" is.');
  }
  if (exposed.call === undefined) {
    const message =
      'An operation without "call" answers from its own mock values, which is not served yet. Add a call.';
    return refuse(pointer, message);
  }
  if (exposed.mappings !== undefined) {
    compilation.report(
      'KEY_UNKNOWN',
      pointerOf(pointer, 'mappings'),
      '"mappings" has no meaning beside a single call, which has no steps to map; it is ignored. Use outputParameters.',
      { at: 'key' },
    );
  }
  return true;
}
