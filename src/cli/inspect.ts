import type { ToolNames } from '../compile/tool-name.ts';
import type { Finding } from '../document/finding.ts';
import { renderFindings } from '../document/render.ts';
import { type LoadedCapability, loadCapabilities, planOf } from '../gateway/load.ts';
import type {
  ControlPlan,
  FacePlan,
  InputPlan,
  McpPlan,
  OperationPlan,
  RestPlan,
  SkillPlan,
} from '../plan/plan.ts';
import { createMask } from '../secrets.ts';
import { inOrder, isOfThePlace, maskedJson } from './findings.ts';
import { inspectText } from './inspect-text.ts';
import { showTokens } from './inspect-tokens.ts';
import type { Terminal } from './terminal.ts';

export interface InspectFlags {
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly prefix?: boolean;
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly inlineRefs?: boolean;
  readonly toolNames: ToolNames;
  readonly ambiguousCalls: 'first' | 'nearest';
  readonly lint?: boolean;
  /** Shows what the definitions of tools cost, instead of the rest. */
  readonly tokens?: boolean;
  readonly format: 'text' | 'json';
}

/** Prints what files become. A variable without a value is no obstacle: it is shown as needed. */
export async function inspect(
  files: readonly string[],
  flags: InspectFlags,
  terminal: Terminal,
): Promise<number> {
  const { baseUri: baseUris = {}, format, ...same } = flags;
  const loaded = await loadCapabilities({ ...same, files, baseUris });
  const mask = createMask(loaded.secrets);
  const capabilities = loaded.drafts.map(describe);
  const findings = inOrder(loaded.findings);
  const errors = findings.filter(isError);
  if (flags.tokens === true) {
    const plans = loaded.drafts.map(planOf);
    await showTokens(plans, findings, format, terminal, mask);
  } else if (format === 'json') terminal.out(maskedJson({ capabilities, findings }, mask));
  else if (capabilities.length > 0) {
    const color = terminal.color && terminal.interactive;
    terminal.out(mask(capabilities.map((each) => inspectText(each, color)).join('\n\n')));
  }
  if (format === 'text') {
    const text = renderFindings(flags.lint === true ? findings : errors, loaded.sources, {
      color: terminal.color,
    });
    if (text !== '') terminal.err(mask(text));
  }
  return errors.length > 0 ? 1 : 0;
}

const isError = (finding: Finding): boolean =>
  finding.severity === 'error' && !isOfThePlace(finding);

/** One capability as `--format json` shows it; the shape is stable. */
export type Described = ReturnType<typeof describe>;

function describe({ compiled }: LoadedCapability) {
  const { draft, variables } = compiled;
  return {
    file: draft.file,
    label: draft.label,
    consumes: draft.consumes,
    variables,
    rest: ofFace(draft.faces, 'rest').map(describeRest),
    mcp: ofFace(draft.faces, 'mcp').map(describeMcp),
    ...given('skill', ofFace(draft.faces, 'skill').map(describeSkill)),
    ...given('control', ofFace(draft.faces, 'control').map(describeControl)),
  };
}

/** A list under its key; nothing for an empty one. */
const given = <Key extends string, Item>(
  key: Key,
  items: readonly Item[],
): { readonly [Name in Key]?: readonly Item[] } =>
  (items.length === 0 ? {} : { [key]: items }) as { readonly [Name in Key]?: readonly Item[] };

const ofFace = <Face extends FacePlan['face']>(
  faces: readonly FacePlan[],
  wanted: Face,
): (FacePlan & { face: Face })[] =>
  faces.filter((each): each is FacePlan & { face: Face } => each.face === wanted);

/** How callers show themselves; absent when everybody may call. */
const accessOf = ({ authentication }: FacePlan) =>
  authentication === undefined ? {} : { authentication: authentication.type };

const describeRest = (face: RestPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  ...given(
    'forwards',
    (face.forwards ?? []).map(({ path, description, target, origin, basePath }) => ({
      path,
      description,
      target,
      url: origin + basePath,
    })),
  ),
  routes: face.routes.map(({ method, path, description, operation }) => ({
    method,
    path,
    description,
    inputs: operation.inputs.map(describeInput),
    ...describeOperation(operation),
  })),
});

const describeMcp = (face: McpPlan) => ({
  namespace: face.namespace,
  transport: face.transport,
  port: face.port,
  ...accessOf(face),
  ...given(
    'resources',
    (face.resources ?? []).map(({ definition }) => definition),
  ),
  ...given(
    'prompts',
    (face.prompts ?? []).map(({ definition }) => definition),
  ),
  tools: face.tools.map(({ definition, operation }) => ({
    ...definition,
    ...describeOperation(operation),
  })),
});

const describeSkill = (face: SkillPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  skills: face.skills.map(({ name, description, tools }) => ({
    name,
    description,
    tools: tools.map((tool) => tool.name),
  })),
});

const describeControl = (face: ControlPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  health: face.health,
  info: face.info,
});

/** `as` is the name on the wire where that is another one. */
const describeInput = ({ name, type, required, from, description, schema }: InputPlan) => ({
  name,
  in: from.in,
  ...(from.name.toLowerCase() === name.toLowerCase() ? {} : { as: from.name }),
  type,
  required,
  ...(description === undefined ? {} : { description }),
  schema,
});

const describeOperation = ({ steps, chain = [], answer }: OperationPlan) => ({
  upstream: steps.map(({ target, method, baseUri, pathTemplate }) => ({
    operation: target,
    method,
    url: joined(baseUri, pathTemplate),
  })),
  ...given(
    'asks',
    chain.flatMap(({ step }) =>
      step.kind === 'ask'
        ? [{ step: step.name, needs: step.capability, optional: step.optional }]
        : [],
    ),
  ),
  answer: answer.kind,
});

/** With one slash between, as the request is built; a path's `#label` is never sent. */
const joined = (baseUri: string, path: string): string =>
  `${baseUri || '<base URI>'}${path.startsWith('/') ? '' : '/'}${path.replace(/#.*$/s, '')}`;
