import assert from 'node:assert/strict';
import type { CompileOptions } from '../../src/compile/compilation.ts';
import { type Compiled, compileCapability } from '../../src/compile/compile.ts';
import { type Environment, resolveBinds } from '../../src/document/binds.ts';
import type { Finding, FindingCode } from '../../src/document/finding.ts';
import { loadText } from '../../src/document/load.ts';
import { GatewayError } from '../../src/errors.ts';
import type {
  InputPlan,
  McpPlan,
  OperationPlan,
  RestPlan,
  RoutePlan,
  ToolPlan,
} from '../../src/plan/plan.ts';
import { acceptInputs } from '../../src/runtime/input.ts';

export interface CompileTextOptions extends CompileOptions {
  readonly environment?: Environment;
  readonly path?: string;
}

/** Compiles the text of a capability file; `findings` are those of every stage. */
export async function compileText(
  text: string,
  { environment = {}, path = 'test.yaml', ...options }: CompileTextOptions = {},
): Promise<Compiled> {
  const loaded = loadText(path, text);
  const { document, source } = loaded;
  assert.ok(document !== undefined, JSON.stringify(loaded.findings, null, 1));
  const binds = await resolveBinds(document, source, environment);
  const compiled = await compileCapability(document, source, binds.variables, options);
  return {
    ...compiled,
    findings: [...loaded.findings, ...binds.findings, ...compiled.findings],
  };
}

/** One consumed operation, exposed once on each face. */
export interface Outline {
  readonly method?: string;
  /** Of the consumed operation. */
  readonly path?: string;
  readonly baseUri?: string;
  /** Further members of the consumes block, the consumed and the exposed operation. */
  readonly consumes?: object;
  readonly operation?: object;
  readonly exposed?: object;
  readonly parameters?: readonly object[];
  readonly with?: Readonly<Record<string, unknown>>;
  readonly route?: string;
  /** Declared `inputParameters` of the exposed operation. */
  readonly declared?: readonly object[];
  readonly outputs?: readonly object[];
  readonly tool?: object;
  readonly binds?: readonly object[];
}

export const ENV = [{ namespace: 'env', keys: { KEY: 'KEY', OTHER: 'OTHER' } }];

/** The text of a capability file, as JSON, which is YAML. */
export function outlined(outline: Outline): string {
  const { method = 'GET', path = '/things' } = outline;
  const exposed = {
    call: 'api.op',
    ...(outline.with === undefined ? {} : { with: outline.with }),
    ...(outline.declared === undefined ? {} : { inputParameters: outline.declared }),
    ...(outline.outputs === undefined ? {} : { outputParameters: outline.outputs }),
    ...outline.exposed,
  };
  const consumes = {
    type: 'http',
    namespace: 'api',
    baseUri: outline.baseUri ?? 'https://api.example.com',
    ...outline.consumes,
    resources: [
      {
        path,
        operations: [
          { name: 'op', method, inputParameters: outline.parameters ?? [], ...outline.operation },
        ],
      },
    ],
  };
  const rest = {
    type: 'rest',
    namespace: 'web',
    port: 8080,
    resources: [{ path: outline.route ?? '/r', operations: [{ method, ...exposed }] }],
  };
  const mcp = {
    type: 'mcp',
    namespace: 'mcp',
    port: 9090,
    tools: [{ name: 'tool', ...exposed, ...outline.tool }],
  };
  const document = {
    naftiko: '1.0.0-alpha2',
    ...(outline.binds === undefined ? {} : { binds: outline.binds }),
    capability: { consumes: [consumes], exposes: [rest, mcp] },
  };
  return JSON.stringify(document, null, 1);
}

export interface Operation {
  readonly route: RoutePlan;
  readonly tool: ToolPlan;
  readonly compiled: Compiled;
}

/** Compiles an outline that has to be without errors. */
export async function compileOutline(
  outline: Outline,
  options: CompileTextOptions = {},
): Promise<Operation> {
  const compiled = await compileText(outlined(outline), options);
  const errors = compiled.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, []);
  return {
    route: routesOf(compiled)[0] as RoutePlan,
    tool: toolsOf(compiled)[0] as ToolPlan,
    compiled,
  };
}

export const routesOf = ({ draft }: Compiled): readonly RoutePlan[] =>
  draft.faces
    .filter((face): face is RestPlan => face.face === 'rest')
    .flatMap((face) => face.routes);

export const toolsOf = ({ draft }: Compiled): readonly ToolPlan[] =>
  draft.faces.filter((face): face is McpPlan => face.face === 'mcp').flatMap((face) => face.tools);

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The upstream request that an operation makes of inputs that were accepted already. */
export function requestOf(
  { operation }: { readonly operation: OperationPlan },
  input: Readonly<Record<string, unknown>> = {},
): Sent {
  const values = Object.assign(Object.create(null), input) as Record<string, unknown>;
  const [step] = operation.steps;
  assert.ok(step !== undefined);
  const { origin, method, path, headers, body } = step.build({ input: values, steps: {} });
  const pairs: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    assert.ok(!Object.hasOwn(pairs, name), `${name} is sent twice`);
    pairs[name] = headers[at + 1] as string;
  }
  const sent = { method, url: origin + path, headers: pairs };
  return body === undefined ? sent : { ...sent, body: body.toString('utf8') };
}

/** The request made of what a caller gives by input name, accepted as a face accepts it. */
export function sendOf(
  plan: { readonly operation: OperationPlan },
  given: Readonly<Record<string, unknown>>,
): Sent {
  return requestOf(
    plan,
    acceptInputs(plan.operation.inputs, ({ name }) => given[name]),
  );
}

/** Query pairs of a request, decoded, in order. */
export const queryOf = ({ url }: Sent): string[][] => [...new URL(url).searchParams];

export function inputOf(
  { operation }: { readonly operation: OperationPlan },
  name: string,
): InputPlan {
  const input = operation.inputs.find((each) => each.name === name);
  assert.ok(input !== undefined, `there is no input "${name}"`);
  return input;
}

/** What is said of an input that is refused, at accepting it or at placing it in the request. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.code, 'INPUT_INVALID');
    return (error.details.violations ?? [])
      .map(({ input, message }) => `${input} ${message}`)
      .join('; ');
  }
  assert.fail('it was taken');
}

export const foundOf = (compiled: Compiled, code: FindingCode): readonly Finding[] =>
  compiled.findings.filter((finding) => finding.code === code);

/** The one finding with this code. */
export function findingOf(compiled: Compiled, code: FindingCode): Finding {
  const found = foundOf(compiled, code);
  const codes = compiled.findings.map((finding) => `${finding.code}: ${finding.message}`);
  assert.equal(found.length, 1, `${code} among ${JSON.stringify(codes, null, 1)}`);
  return found[0] as Finding;
}
