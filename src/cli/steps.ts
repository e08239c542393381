import type { AskCapability } from '../plan/dialogue.ts';
import type { CallStep, ChainLink, Json, OperationPlan, StepPlan } from '../plan/plan.ts';

/** One step for people: what it does, and when. */
export type DescribedStep = {
  readonly name: string;
  /** 1 for what runs at once; what waits for a step comes at least one later. */
  readonly stage: number;
  /** The steps that it waits for. */
  readonly after: readonly string[];
} & (
  | ({ readonly type: 'call' } & DescribedCall & { readonly with?: Written })
  | {
      readonly type: 'lookup';
      readonly index: string;
      readonly match: string;
      readonly lookupValue: Json;
      readonly outputs: readonly string[];
    }
  | {
      readonly type: 'script';
      readonly language: string;
      readonly files: readonly string[];
      readonly with?: Written;
    }
  | { readonly type: 'ask'; readonly asks: AskCapability; readonly optional: boolean }
);

export interface DescribedCall {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  /** What the file says of keeping its answers. */
  readonly cache?: NonNullable<CallStep['cache']>;
}

type Written = { readonly [name: string]: Json };

/** `mock` calls nothing, `call` one operation; `steps` may be of every type. */
export const runsOf = ({ steps, chain }: OperationPlan): 'mock' | 'call' | 'steps' =>
  chain !== undefined || steps.length > 1 ? 'steps' : steps.length === 1 ? 'call' : 'mock';

/** The steps of an operation in file order. */
export function linksOf({ steps, chain }: OperationPlan): readonly ChainLink[] {
  return chain ?? steps.map((step, at) => ({ step, after: at === 0 ? [] : [at - 1] }));
}

export function describeSteps(operation: OperationPlan): DescribedStep[] {
  const links = linksOf(operation);
  const stages: number[] = [];
  for (const { after } of links) {
    stages.push(1 + Math.max(0, ...after.map((at) => stages[at] as number)));
  }
  return links.map(({ step, after }, at) => ({
    name: step.name,
    stage: stages[at] as number,
    after: nearest(after, links).map((each) => (links[each] as ChainLink).step.name),
    ...describeStep(step),
  }));
}

/** Without those that another of them waits for. */
function nearest(after: readonly number[], links: readonly ChainLink[]): readonly number[] {
  const behind = new Set<number>();
  const add = (at: number): void => {
    for (const each of links[at]?.after ?? []) {
      if (behind.has(each)) continue;
      behind.add(each);
      add(each);
    }
  };
  for (const at of after) add(at);
  return after.filter((at) => !behind.has(at));
}

function describeStep(step: StepPlan) {
  switch (step.kind) {
    case 'call':
      return { type: 'call', ...describeCall(step), ...shown(step.with) } as const;
    case 'lookup': {
      const { index, match, lookupValue, outputs } = step;
      return { type: 'lookup', index, match, lookupValue, outputs } as const;
    }
    case 'ask':
      return { type: 'ask', asks: step.capability, optional: step.optional } as const;
    case 'script': {
      const { language, sources } = step.script;
      const files = sources.map(({ name }) => name);
      return { type: 'script', language, files, ...shown(step.with) } as const;
    }
  }
}

const shown = (written: Written | undefined): { readonly with?: Written } =>
  written === undefined || Object.keys(written).length === 0 ? {} : { with: written };

export const describeCall = ({
  target,
  method,
  baseUri,
  pathTemplate,
  cache,
}: CallStep): DescribedCall => ({
  operation: target,
  method,
  url: joined(baseUri, pathTemplate),
  ...(cache === undefined ? {} : { cache }),
});

/** `GET https://h/a, kept 30 s`. */
export function callText({ method, url, cache }: DescribedCall): string {
  const request = `${method} ${url}`;
  if (cache === undefined) return request;
  if (cache === 'never') return `${request}, never kept`;
  return `${request}, kept ${cache.forMs === undefined ? 'as its headers say' : `${cache.forMs / 1000} s`}`;
}

/** With one slash between, as the request is built; a path's `#label` is never sent. */
const joined = (baseUri: string, path: string): string =>
  `${baseUri || '<base URI>'}${path.startsWith('/') ? '' : '/'}${path.replace(/#.*$/s, '')}`;

/** What a step does, in a line: the request, the entry that is looked for, the script. */
export function stepText(step: DescribedStep): string {
  switch (step.type) {
    case 'call':
      return callText(step);
    case 'lookup': {
      const given = step.outputs.length === 0 ? '' : `: ${step.outputs.join(', ')}`;
      return `lookup in $.${step.index} by ${step.match} = ${valueText(step.lookupValue)}${given}`;
    }
    case 'ask':
      return `asks the client: ${step.asks}${step.optional ? ', where it can' : ''}`;
    case 'script':
      return `script ${step.files.at(-1)} (${step.language})`;
  }
}

/** A reference or text as it is, other values as JSON. */
export const valueText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
