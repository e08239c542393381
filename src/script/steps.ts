import type { CapabilityDocument } from '../document/document.ts';
import { type Finding, findingAt } from '../document/finding.ts';
import { pointerOf, type Source } from '../document/source.ts';
import { readGovernance } from './governance.ts';
import { type LoadScriptOptions, loadScript, type ScriptStep } from './load.ts';
import type { ScriptPlan } from './plan.ts';
import type { ReportScript } from './report.ts';

/** The code of script steps, by the JSON pointer of the step. */
export interface LoadedScripts {
  /** Without those that were refused, each with a finding. */
  readonly scripts: ReadonlyMap<string, ScriptPlan>;
  readonly findings: readonly Finding[];
}

/** Reads and checks the code of every script step of a document. */
export async function loadScripts(
  document: CapabilityDocument,
  source: Source,
  options: Pick<LoadScriptOptions, 'allowScripts' | 'python'>,
): Promise<LoadedScripts> {
  const findings: Finding[] = [];
  const report: ReportScript = (code, pointer, message, details) => {
    findings.push(findingAt(source, code, pointer, message, details));
  };
  const governance = readGovernance(document, report);
  const scripts = new Map<string, ScriptPlan>();
  for (const { step, pointer } of scriptSteps(document)) {
    const loading = { ...options, capabilityFile: source.path, governance, report };
    const script = await loadScript(step, pointer, loading);
    if (script !== undefined) scripts.set(pointer, script);
  }
  return { scripts, findings };
}

interface Placed {
  readonly step: ScriptStep;
  readonly pointer: string;
}

function scriptSteps({ capability = {} }: CapabilityDocument): readonly Placed[] {
  return [
    ...each(capability, 'exposes', '/capability', (expose, at) => [
      ...each(expose, 'tools', at, stepsOf),
      ...each(expose, 'resources', at, (resource, below) => [
        ...stepsOf(resource, below),
        ...each(resource, 'operations', below, stepsOf),
      ]),
    ]),
    ...each(capability, 'aggregates', '/capability', (aggregate, at) =>
      each(aggregate, 'functions', at, stepsOf),
    ),
  ];
}

/** Steps beside a ref are never run. */
const stepsOf = (operation: object, pointer: string): readonly Placed[] =>
  'ref' in operation
    ? []
    : each(operation, 'steps', pointer, (step, at) =>
        (step as { readonly type?: unknown }).type === 'script'
          ? [{ step: step as ScriptStep, pointer: at }]
          : [],
      );

/** What `find` finds in the items of a list that a member holds. */
function each(
  holder: object,
  member: string,
  pointer: string,
  find: (item: object, pointer: string) => readonly Placed[],
): readonly Placed[] {
  const items = (holder as Readonly<Record<string, unknown>>)[member];
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: object, index) => find(item, pointerOf(pointer, member, index)));
}
