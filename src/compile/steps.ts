import { pointerOf } from '../document/source.ts';
import { outputJsonSchema } from '../format/output-schema.ts';
import type { CallStep, ChainLink, StepPlan } from '../plan/plan.ts';
import type { Ran } from './aggregates.ts';
import { compileAsk, type WrittenAsk } from './ask-step.ts';
import { compileAugment, compileCall } from './call-step.ts';
import type { Compilation } from './compilation.ts';
import type { ExposedSide } from './exposed-side.ts';
import { feedCall } from './feeds.ts';
import { type Gathering, gatherInputs } from './gather.ts';
import { linkCall, type TargetIndex } from './link.ts';
import { compileLookup, type WrittenLookup } from './lookup.ts';
import { type MappedFeeds, mappedFeeds, outputNames } from './mapped-feeds.ts';
import type { WrittenMapping } from './mappings.ts';
import type { CompiledOperation } from './operation.ts';
import { compileScript, type WrittenScript } from './script-step.ts';
import { type AnswerOf, compileAnswer } from './step-answer.ts';
import { type StepReferences, stepReferences } from './step-references.ts';
import { plainUse } from './use.ts';

interface WrittenCall {
  readonly type: 'call';
  readonly name: string;
  readonly call: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export type WrittenStep = WrittenCall | WrittenLookup | WrittenScript | WrittenAsk;

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** An operation of several steps, which run at the same time where they need not wait. */
export function compileSteps(
  compilation: Compilation,
  targets: TargetIndex,
  ran: Ran,
  answerOf: AnswerOf = (...of) => compileAnswer(compilation, ran, ...of),
): CompiledOperation | undefined {
  const { side, outputs, description } = ran;
  const written = side.exposed.steps as readonly WrittenStep[];
  const pointer = pointerOf(side.pointer, 'steps');
  const names = written.map(({ name }) => name);
  if (hasDuplicates(compilation, names, pointer)) return undefined;
  if (written.length === 0 && side.exposed.content === undefined) {
    compilation.report('KEY_MISSING', pointer, 'There are no steps, so nothing is run. Add one.');
    return undefined;
  }
  const gathering = gatherInputs(compilation, ran);
  const referTo = (place: number): StepReferences =>
    stepReferences(compilation, side, gathering, names, place);

  const declaredOutputs = new Set(outputNames(outputs.outputParameters ?? []));
  const mapped = mappedFeeds(
    (side.exposed.mappings ?? []) as readonly WrittenMapping[],
    pointerOf(side.pointer, 'mappings'),
    (name) => declaredOutputs.has(name) || gathering.isDeclared(name),
    names,
  );

  const links: (ChainLink & { readonly references: StepReferences })[] = [];
  const unsafe: number[] = [];
  let failed = false;
  for (const [at, each] of written.entries()) {
    const references = referTo(at);
    const step = compileStep(compilation, targets, each, pointerOf(pointer, at), {
      gathering,
      references,
      mapped,
      earlier: names.slice(0, at),
      side,
    });
    if (step?.kind === 'ask') reportUnaskable(compilation, side, step, pointerOf(pointer, at));
    if (step === undefined) {
      failed = true;
      continue;
    }
    const changes = step.kind === 'call' && !SAFE_METHODS.has(step.method);
    // What changes something keeps its place in the file.
    const before = changes ? names.slice(0, at).keys() : [...references.steps, ...unsafe];
    links.push({ step, after: [...new Set(before)].sort((one, other) => one - other), references });
    if (changes) unsafe.push(at);
  }
  const answering = referTo(names.length);
  const planned = links.map(({ step }) => step);
  const answer = answerOf(names, planned, answering, mapped.rest());
  if (failed) return undefined;
  const inputs = gathering.finish();
  reportUnused(compilation, links, answering, pointer);
  const { outputParameters = [] } = outputs;
  const calls = links.flatMap(({ step }) => (step.kind === 'call' ? [step] : []));
  const asks = [...planned.keys()].filter((at) => planned[at]?.kind === 'ask');
  return {
    plan: {
      id: side.exposed.name ?? (names.at(-1) as string),
      inputs,
      steps: calls,
      chain: links.map(({ step, after }, at) => {
        // What is handed on as it comes is not kept while the client is asked.
        const isHanded = answer.kind === 'identity' && at === links.length - 1;
        return { step, after: isHanded ? [...new Set([...after, ...asks])] : after };
      }),
      answer,
    },
    target: undefined,
    methods: calls.map(({ method }) => method),
    description,
    outputSchema: answer.kind === 'project' ? outputJsonSchema(outputParameters) : undefined,
  };
}

interface Surroundings {
  readonly gathering: Gathering;
  readonly references: StepReferences;
  readonly mapped: MappedFeeds;
  /** Names of the steps before this one. */
  readonly earlier: readonly string[];
  readonly side: ExposedSide;
}

function compileStep(
  compilation: Compilation,
  targets: TargetIndex,
  written: WrittenStep,
  pointer: string,
  { gathering, references, mapped, earlier, side }: Surroundings,
): StepPlan | undefined {
  switch (written.type) {
    case 'elicit':
    case 'sample':
    case 'roots':
      return compileAsk(compilation, written, pointer, references);
    case 'lookup':
      return compileLookup(written, pointer, references);
    case 'script': {
      const inputs = () =>
        gathering.names.map(
          (name) => [name, gathering.take(name, plainUse(name, pointer))] as const,
        );
      return compileScript(compilation, written, pointer, references, { inputs, earlier });
    }
    case 'call': {
      const target = linkCall(compilation, targets, written, pointer, {});
      if (target === undefined) return undefined;
      const values = mapped.of(target, earlier.length);
      const feeds = feedCall(compilation, target, written.with, pointer, gathering, references, {
        values,
        use: mapped.use,
      });
      const augment = compileAugment(compilation, target);
      return {
        ...compileCall(compilation, target, written.name, feeds, side),
        with: givenTo(written, values),
        ...(augment === undefined ? {} : { augment }),
      };
    }
  }
}

/** What the file says of parameters, in the step or by mappings. */
function givenTo(
  { with: given }: WrittenCall,
  mapped: ReturnType<MappedFeeds['of']>,
): NonNullable<CallStep['with']> {
  const references = Array.from(mapped, ([name, { reference }]) => [name, reference] as const);
  return { ...Object.fromEntries(references), ...given } as NonNullable<CallStep['with']>;
}

function hasDuplicates(
  compilation: Compilation,
  names: readonly string[],
  pointer: string,
): boolean {
  for (const [at, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first === at) continue;
    const { line } = compilation.source.position(pointerOf(pointer, first));
    compilation.report(
      'STEP_DUPLICATE',
      pointerOf(pointer, at, 'name'),
      `The step "${name}" stands on line ${line} already, so a reference could mean either. Rename one of the two.`,
    );
  }
  return new Set(names).size < names.length;
}

/** A step that changes something is there for what it does. */
function reportUnused(
  compilation: Compilation,
  links: readonly { readonly step: StepPlan; readonly references: StepReferences }[],
  answering: StepReferences,
  pointer: string,
): void {
  const used = new Set(answering.steps);
  for (const { references } of links) for (const at of references.steps) used.add(at);
  for (const [at, { step }] of links.entries()) {
    const isLast = at === links.length - 1 && answering.steps.size === 0;
    if (used.has(at) || isLast || !isQuiet(step)) continue;
    compilation.report(
      'STEP_UNUSED',
      pointerOf(pointer, at, 'name'),
      `Nothing uses what the step "${step.name}" gives, yet callers wait for it. Use $.${step.name} in a mapping or a later step, or remove it.`,
    );
  }
}

/** Whether a step does nothing but give a value; a user who is asked may also refuse. */
function isQuiet(step: StepPlan): boolean {
  if (step.kind === 'ask') return step.optional || !step.capability.startsWith('elicitation');
  return step.kind !== 'call' || SAFE_METHODS.has(step.method);
}

function reportUnaskable(
  compilation: Compilation,
  { unaskable, pointer: own, exposed }: ExposedSide,
  { name }: StepPlan,
  pointer: string,
): void {
  if (unaskable === undefined) return;
  const { why, pointer: here } = unaskable;
  const [at, subject] =
    here === own
      ? [pointer, `The step "${name}"`]
      : [pointerOf(here, 'ref'), `The step "${name}" of the function "${exposed.name}"`];
  compilation.report('ASK_IMPOSSIBLE', at, `${subject} asks a client, but ${why}.`);
}

/** A call beside a ref that gives inputs, as the one step it is. */
export const asSteps = (ran: Ran): readonly WrittenStep[] => {
  const { call, with: given } = ran.side.exposed;
  return [
    {
      type: 'call',
      name: 'call',
      call: call as string,
      ...(given === undefined ? {} : { with: given }),
    },
  ];
};
