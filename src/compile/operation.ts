import type { Exposed } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ContentPlan } from '../plan/content.ts';
import type { JsonSchema, OperationPlan } from '../plan/plan.ts';
import { type Ran, resolveRef } from './aggregates.ts';
import { compileCall } from './call-step.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { formatOf } from './formats.ts';
import { judgeInputs, planInputs } from './inputs.ts';
import { type CallEvidence, linkCall, type TargetIndex } from './link.ts';
import { compileMock } from './mock.ts';
import { compileOutput, isHandedOn } from './output.ts';
import { asSteps, compileSteps } from './steps.ts';
import { compileContent, contentOf } from './tool-content.ts';

export interface CompiledOperation {
  readonly plan: OperationPlan;
  /** What a simple call reaches. */
  readonly target: ConsumedTarget | undefined;
  /** Of all that is called. */
  readonly methods: readonly string[];
  /** Its own, that of the function it refers to, or that of what it calls. */
  readonly description: string | undefined;
  /** Of a shaped answer. */
  readonly outputSchema: JsonSchema | undefined;
  /** Parts that a tool gives in place of its answer. */
  readonly content?: readonly ContentPlan[];
}

/** One exposed operation or tool as a plan; undefined when a finding says why not. */
export function compileOperation(
  compilation: Compilation,
  targets: TargetIndex,
  side: ExposedSide,
  evidence: CallEvidence,
): CompiledOperation | undefined {
  const resolved = resolveRef(compilation, side);
  if (resolved === undefined) return undefined;
  const ran = withPlainCall(resolved);
  const { exposed } = ran.side;
  const content = contentOf(side.exposed, side.pointer);
  if (content !== undefined) return compileContent(compilation, targets, ran, content);
  if (exposed.steps !== undefined) {
    if (exposed.call !== undefined) reportIgnored(compilation, ran.side, 'call', 'the steps say');
    return compileSteps(compilation, targets, ran);
  }
  if (exposed.call === undefined) return compileMock(compilation, ran);
  if (exposed.mappings !== undefined) {
    reportIgnored(
      compilation,
      ran.side,
      'mappings',
      'a single call has no steps to map, its outputParameters say',
    );
  }
  if (ran.given === undefined) return compileSingle(compilation, targets, ran, evidence);
  const { mappings: _, ...single } = exposed;
  const steps = asSteps(ran);
  const stepped = { ...ran, side: { ...ran.side, exposed: { ...single, steps } } };
  const compiled = compileSteps(compilation, targets, stepped);
  if (compiled === undefined) return undefined;
  const { chain: __, ...plan } = compiled.plan;
  return { ...compiled, plan };
}

function compileSingle(
  compilation: Compilation,
  targets: TargetIndex,
  { side, outputs, description }: Ran,
  evidence: CallEvidence,
): CompiledOperation | undefined {
  const target = linkCall(compilation, targets, side.exposed, side.pointer, evidence);
  if (target === undefined) {
    judgeUncalled(compilation, side, outputs);
    return undefined;
  }
  const { feeds, mention, finish } = planInputs(compilation, side, target);
  const handedOn = isHandedOn(outputs.outputParameters ?? [], formatOf(target.operation));
  const step = compileCall(compilation, target, target.operation.name, feeds, side, !handedOn);
  const { answer, outputSchema } = compileOutput(compilation, { side, outputs }, step, mention);
  return {
    plan: { id: target.id, inputs: finish(), steps: [step], answer },
    target,
    methods: [target.method],
    description: description ?? target.operation.description,
    outputSchema,
  };
}

/** One run names all that is wrong, also in an operation whose call names nothing. */
function judgeUncalled(compilation: Compilation, side: ExposedSide, outputs: Ran['outputs']): void {
  judgeInputs(compilation, side);
  const unknown = { name: 'unknown', format: 'json' } as const;
  compileOutput(compilation, { side, outputs }, unknown, () => ({ read: () => undefined }));
}

/** `call: {operation, with}` is a call with the entries of both `with`; its own win. */
function withPlainCall(ran: Ran): Ran {
  const { side } = ran;
  const call = side.exposed.call as
    | string
    | { readonly operation: string; readonly with?: Readonly<Record<string, unknown>> }
    | undefined;
  if (typeof call !== 'object') return ran;
  const given =
    call.with === undefined ? side.exposed.with : { ...side.exposed.with, ...call.with };
  const exposed: Exposed = {
    ...side.exposed,
    call: call.operation,
    ...(given === undefined ? {} : { with: given }),
  };
  return { ...ran, side: { ...side, exposed } };
}

function reportIgnored(
  compilation: Compilation,
  { pointer }: ExposedSide,
  key: string,
  why: string,
): void {
  compilation.report(
    'KEY_UNKNOWN',
    pointerOf(pointer, key),
    `"${key}" has no meaning here, since ${why} what is answered; it is ignored.`,
    { at: 'key' },
  );
}
