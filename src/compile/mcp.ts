import type { ExposedParameter, ExposedTool, ExposesMcp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { InputPlan, JsonSchema, McpPlan, ToolAnnotations, ToolPlan } from '../plan/plan.ts';
import { inheritTool } from './aggregates.ts';
import { checkLimit, withAnswerOptions } from './answer-limit.ts';
import type { Compilation } from './compilation.ts';
import { compileLimits } from './limits.ts';
import type { TargetIndex } from './link.ts';
import { lintMcp } from './lint.ts';
import { compileOperation } from './operation.ts';
import { compileOwnInput, ownInputs } from './own-input.ts';
import { argumentsCheck, compileOwnSchema, type OwnSchema, structuredCheck } from './own-schema.ts';
import { checkHeaders, headerPlaces, withHeader } from './param-header.ts';
import { compilePrompts } from './prompts.ts';
import { compileResources } from './resources.ts';
import { inlineRefs } from './schema-refs.ts';
import { compileScopes } from './scopes.ts';
import { assignToolNames, isProtocolName, NAME_LIMIT } from './tool-name.ts';

export function compileMcp(
  compilation: Compilation,
  targets: TargetIndex,
  expose: ExposesMcp,
  pointer: string,
): McpPlan {
  const namespace = expose.namespace ?? 'mcp';
  if (expose.maxAnswer !== undefined) {
    checkLimit(compilation, expose.maxAnswer, pointerOf(pointer, 'maxAnswer'));
  }
  const tools: ToolPlan[] = [];
  const seen = new Map<string, number>();
  const all = (expose.tools ?? []).map((tool) => inheritTool(compilation, tool));
  const positionOf = positionsOf(all);
  const names = assignToolNames(
    all.map(({ name }) => name),
    compilation.options.toolNames,
  );
  for (const [index, tool] of all.entries()) {
    const toolPointer = pointerOf(pointer, 'tools', index);
    const position = positionOf(tool);
    const served = names.get(tool.name) ?? tool.name;
    const plan = compileTool(compilation, targets, namespace, tool, toolPointer, position, served);
    const scopes = compileScopes(compilation, expose, tool, toolPointer);
    const first = seen.get(tool.name);
    if (first !== undefined) {
      const { line } = compilation.source.position(pointerOf(pointer, 'tools', first));
      compilation.report(
        'TOOL_DUPLICATE',
        pointerOf(toolPointer, 'name'),
        `The tool "${tool.name}" stands on line ${line} already, which is served; this one never is. Give it a name of its own.`,
      );
      continue;
    }
    seen.set(tool.name, index);
    if (plan === undefined) continue;
    tools.push({
      ...withAnswerOptions(compilation, expose, tool, toolPointer, plan),
      ...scopes,
      ...compileLimits(compilation, tool, toolPointer, `${namespace} ${tool.name}`),
    });
  }
  if (compilation.options.lint === true) lintMcp(compilation, expose, pointer, tools);
  return {
    face: 'mcp',
    namespace,
    transport: expose.transport ?? 'http',
    ...(expose.address === undefined ? {} : { address: expose.address }),
    ...(expose.port === undefined ? {} : { port: expose.port }),
    ...(expose.description === undefined ? {} : { description: expose.description }),
    tools,
    resources: compileResources(compilation, targets, expose, pointer),
    prompts: compilePrompts(compilation, targets, expose, pointer),
  };
}

/** Which of the tools with the same call a tool is. */
function positionsOf(
  tools: readonly ExposedTool[],
): (tool: ExposedTool) => { readonly nth: number; readonly of: number } {
  const alike = new Map<string | undefined, ExposedTool[]>();
  for (const tool of tools) {
    const known = alike.get(tool.call);
    if (known === undefined) alike.set(tool.call, [tool]);
    else known.push(tool);
  }
  return function positionOf(tool) {
    const same = alike.get(tool.call) ?? [];
    return { nth: same.indexOf(tool), of: same.length };
  };
}

function compileTool(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  tool: ExposedTool,
  pointer: string,
  position: { nth: number; of: number },
  served: string,
): ToolPlan | undefined {
  const { inputParameters = [] } = tool;
  const own = compileOwnInput(compilation, tool, pointer);
  const ownOutput = compileOwnOutput(compilation, tool, pointer);
  if (own === 'failed' || ownOutput === 'failed') return undefined;
  const declared =
    own?.declared ??
    inputParameters.map((parameter, index) => ({
      parameter,
      pointer: pointerOf(pointer, 'inputParameters', index),
    }));
  const ownSchema = own !== undefined;
  const compiled = compileOperation(
    compilation,
    targets,
    { face: 'mcp', namespace, routeVariables: [], exposed: tool, pointer, declared, ownSchema },
    { position },
  );
  if (compiled === undefined) return undefined;
  const { methods, description, content } = compiled;
  const inputs =
    own === undefined ? compiled.plan.inputs : ownInputs(compilation, compiled.plan.inputs, own);
  const plan = { ...compiled.plan, inputs };
  const written = own === undefined ? inputSchemaOf(inputs, inputParameters) : own.schema;
  checkHeaders(compilation, written, headerPlaces(pointer, inputs, inputParameters, ownSchema));
  const inputSchema = compilation.options.inlineRefs === true ? inlineRefs(written) : written;
  const outputSchema =
    ownOutput === undefined || compilation.options.inlineRefs !== true
      ? (ownOutput?.schema ?? compiled.outputSchema)
      : inlineRefs(ownOutput.schema);
  reportName(compilation, served, pointer);
  return {
    definition: {
      name: served,
      ...(tool.label === undefined ? {} : { title: tool.label }),
      ...(description === undefined ? {} : { description }),
      inputSchema,
      ...(outputSchema === undefined ? {} : { outputSchema }),
      annotations: annotationsOf(tool, methods),
    },
    ...(served === tool.name ? {} : { published: tool.name }),
    ...(content === undefined ? {} : { content }),
    ...(own === undefined ? {} : { checkArguments: argumentsCheck(own) }),
    ...(ownOutput === undefined ? {} : { checkStructured: structuredCheck(ownOutput) }),
    operation: plan,
  };
}

function reportName(compilation: Compilation, name: string, pointer: string): void {
  if (!isProtocolName(name)) {
    compilation.report(
      'TOOL_NAME_ALPHABET',
      pointerOf(pointer, 'name'),
      `"${name}" is no tool name by the protocol: 1 to 128 letters A-Z, digits, "_", "-", "." and "/". --tool-names snake serves it in such letters.`,
    );
  }
  if (name.length <= NAME_LIMIT) return;
  compilation.report(
    'TOOL_NAME_LONG',
    pointerOf(pointer, 'name'),
    `"${name}" has ${name.length} characters; many clients refuse more than ${NAME_LIMIT}. --tool-names short serves it shortened.`,
  );
}

/** `failed` when it cannot be served, which is reported. */
function compileOwnOutput(
  compilation: Compilation,
  { outputSchema }: ExposedTool,
  pointer: string,
): OwnSchema | 'failed' | undefined {
  if (outputSchema === undefined) return undefined;
  const at = pointerOf(pointer, 'outputSchema');
  return compileOwnSchema(compilation, outputSchema, at) ?? 'failed';
}

function inputSchemaOf(
  inputs: readonly InputPlan[],
  parameters: readonly ExposedParameter[],
): JsonSchema {
  const required = inputs.filter((input) => input.required).map((input) => input.key);
  return {
    type: 'object',
    properties: Object.fromEntries(
      inputs.map((input) => [input.key, withHeader(input, parameters)]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([...SAFE_METHODS, 'PUT', 'DELETE']);
const DESTRUCTIVE_METHODS: ReadonlySet<string> = new Set(['DELETE', 'PUT', 'PATCH']);

/** From `hints`; a hint that is not given follows from the HTTP methods of all that is called. */
function annotationsOf(tool: ExposedTool, methods: readonly string[]): ToolAnnotations {
  const { hints = {} } = tool;
  const every = (kind: ReadonlySet<string>): boolean => methods.every((each) => kind.has(each));
  const readOnly = hints.readOnly ?? every(SAFE_METHODS);
  const destroys = methods.some((method) => DESTRUCTIVE_METHODS.has(method));
  return {
    ...(tool.label === undefined ? {} : { title: tool.label }),
    readOnlyHint: readOnly,
    destructiveHint: hints.destructive ?? (!readOnly && destroys),
    idempotentHint: hints.idempotent ?? (readOnly || every(IDEMPOTENT_METHODS)),
    openWorldHint: hints.openWorld ?? methods.length > 0,
  };
}
