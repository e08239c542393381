import type { LoadedCapability } from '../gateway/load.ts';
import type { InboundPlan, OAuth2Plan } from '../plan/inbound.ts';
import type {
  ControlPlan,
  FacePlan,
  ForwardPlan,
  InputPlan,
  McpPlan,
  OperationPlan,
  PromptPart,
  PromptPlan,
  ResourcePlan,
  RestPlan,
  SkillPlan,
  SkillToolPlan,
} from '../plan/plan.ts';
import { describeCall, describeSteps, runsOf } from './steps.ts';

/** One capability as `inspect --format json` shows it; the shape is stable. */
export type Described = ReturnType<typeof describeCapability>;

export function describeCapability({ compiled }: LoadedCapability) {
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

/** How callers show themselves; absent when everybody may call. Never a secret. */
function accessOf({ authentication, credential = {} }: FacePlan) {
  if (authentication === undefined) return {};
  const variables = Object.values(credential).flatMap((fact) =>
    'variable' in fact ? [fact.variable] : [],
  );
  return {
    authentication: authentication.type,
    access: { ...demandOf(authentication), ...given('variables', variables) },
  };
}

interface Demand {
  /** Where the credential goes; of oauth2 it is the `Authorization` header. */
  readonly in: 'header' | 'query';
  readonly name: string;
  /** Of oauth2 alone. */
  readonly token?: Pick<OAuth2Plan, 'issuer' | 'audience' | 'scopes' | 'validation'>;
}

/** What callers have to know of it. */
function demandOf(authentication: InboundPlan): Demand {
  const inHeader = { in: 'header', name: 'Authorization' } as const;
  switch (authentication.type) {
    case 'apikey':
      return { in: authentication.placement, name: authentication.key };
    case 'oauth2': {
      const { issuer, audience, scopes, validation } = authentication;
      return { ...inHeader, token: { issuer, audience, scopes, validation } };
    }
    default:
      return inHeader;
  }
}

const describeRest = (face: RestPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  ...given('forwards', (face.forwards ?? []).map(describeForward)),
  routes: face.routes.map(({ method, path, description, outputSchema, operation }) => ({
    method,
    path,
    description,
    inputs: operation.inputs.map(describeInput),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...describeOperation(operation),
  })),
});

const describeForward = (forward: ForwardPlan) => ({
  path: forward.path,
  description: forward.description,
  target: forward.target,
  url: forward.origin + forward.basePath,
  trustedHeaders: forward.trustedHeaders,
});

const describeMcp = (face: McpPlan) => ({
  namespace: face.namespace,
  transport: face.transport,
  port: face.port,
  ...accessOf(face),
  ...given('resources', (face.resources ?? []).map(describeResource)),
  ...given('prompts', (face.prompts ?? []).map(describePrompt)),
  tools: face.tools.map(({ definition, operation }) => ({
    ...definition,
    ...describeOperation(operation),
  })),
});

const describeResource = (resource: ResourcePlan) =>
  resource.kind === 'folder'
    ? { ...resource.definition, folder: resource.folder }
    : {
        ...resource.definition,
        inputs: resource.operation.inputs.map(describeInput),
        ...describeOperation(resource.operation),
      };

const describePrompt = ({ definition, messages }: PromptPlan) => ({
  ...definition,
  messages: messages.map(({ role, parts }) => ({
    role,
    text: parts.map(partText).join(''),
  })),
});

/** What steps give is a closure, so their place in a text can only be shown. */
const partText = (part: PromptPart): string => {
  if ('text' in part) return part.text;
  return 'argument' in part ? `{{${part.argument}}}` : '{{…}}';
};

const describeSkill = (face: SkillPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  skills: face.skills.map(({ name, description, folder, tools }) => ({
    name,
    description,
    ...(folder === undefined ? {} : { folder }),
    tools: tools.map(describeSkillTool),
  })),
});

function describeSkillTool(tool: SkillToolPlan) {
  const { name, description } = tool;
  return tool.kind === 'instruction'
    ? { name, description, instruction: tool.instruction }
    : {
        name,
        description,
        from: { namespace: tool.namespace, action: tool.action },
        ...tool.target,
      };
}

const describeControl = (face: ControlPlan) => ({
  namespace: face.namespace,
  port: face.port,
  ...accessOf(face),
  health: face.health,
  info: face.info,
  metrics: face.metrics,
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

/** `steps` and `mappings` are there where an operation has several steps. */
function describeOperation(operation: OperationPlan) {
  const runs = runsOf(operation);
  const { steps, answer } = operation;
  const mappings = answer.kind === 'project' ? (answer.mappings ?? []) : [];
  return {
    runs,
    upstream: steps.map(describeCall),
    ...given('steps', runs === 'steps' ? describeSteps(operation) : []),
    ...given('mappings', mappings),
    answer: answer.kind,
  };
}
