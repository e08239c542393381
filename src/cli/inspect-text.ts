import pc from 'picocolors';
import type { JsonSchema } from '../plan/plan.ts';
import { columns, membersOf, type Row } from './columns.ts';
import type { Described } from './describe.ts';
import { outputLines, runLines } from './operation-text.ts';
import { plain } from './plain.ts';

type Colors = ReturnType<typeof pc.createColors>;
type Input = Described['rest'][number]['routes'][number]['inputs'][number];
type Mcp = Described['mcp'][number];
type Access = Pick<Mcp, 'authentication' | 'access'>;

/** One capability for people: what runs and the inputs below each route and tool, in columns. */
export function inspectText(capability: Described, color: boolean): string {
  const paint = pc.createColors(color);
  const { label, file, rest, mcp, skill = [], control = [] } = capability;
  return [
    `${paint.bold(plain(label))}  ${paint.dim(plain(file))}`,
    '',
    ...sourceLines(capability, paint),
    ...rest.flatMap((face) => restLines(face, paint)),
    ...mcp.flatMap((face) => mcpLines(face, paint)),
    ...skill.flatMap((face) => skillLines(face, paint)),
    ...control.flatMap((face) => controlLines(face, paint)),
  ].join('\n');
}

function sourceLines({ consumes, variables }: Described, paint: Colors): string[] {
  return [
    ...consumes.flatMap((each) => {
      const { namespace, baseUri, authentication, operations } = each;
      const credential = authentication === 'none' ? 'no credential' : authentication;
      return [
        plain(
          `  consumes  ${namespace}  ${baseUri || 'no base URI'}  ${credential}, ${operations} operations`,
        ),
        ...credentialLines(each).map((line) => paint.dim(plain(`            ${line}`))),
      ];
    }),
    ...variables.map(
      ({ key, hasValue }) =>
        `  variable  ${key}  ${hasValue ? 'has a value' : paint.yellow('has no value')}`,
    ),
  ];
}

/** How a session is opened and shown, and where a caller's own credential goes. */
function credentialLines({ session, caller }: Described['consumes'][number]): string[] {
  if (caller !== undefined) {
    const { header, sent } = caller;
    return [`each caller gives ${header}, sent as ${sent.in} ${sent.name}`];
  }
  if (session === undefined) return [];
  const { login, refresh, logout = [], sent, renewOn, expires } = session;
  const [[how, what] = []] = Object.entries(expires ?? {});
  return [
    `logs in with ${login}${refresh === undefined ? '' : `, renews with ${refresh}`}`,
    `sends ${sent.map((each) => `${each.in} ${each.name}`).join(', ')}`,
    `ends ${how === undefined ? '' : `${ENDS[how] ?? how} ${what}, or `}when refused with ${renewOn.join(', ')}${
      logout.length === 0 ? '' : `, or after ${logout.join(', ')}`
    }`,
  ];
}

const ENDS: Readonly<Record<string, string>> = { in: 'after', at: 'at', jwt: 'with the token' };

function restLines(face: Described['rest'][number], paint: Colors): string[] {
  const { namespace, port, routes, forwards = [] } = face;
  return [
    ...title(`REST ${namespace}, port ${port}`, face, paint),
    ...routes.flatMap((route) => [
      plain(`    ${route.method.padEnd(6)} ${route.path}`),
      ...runLines(route, paint.dim),
      ...inputLines(route.inputs),
      ...outputLines(route.outputSchema),
    ]),
    ...forwards.flatMap(({ path, url, trustedHeaders }) => [
      plain(`    any    ${path}/…`),
      paint.dim(plain(`      -> any ${url || '<base URI>'}/…`)),
      ...(trustedHeaders.length === 0
        ? []
        : [paint.dim(plain(`         with the caller's ${trustedHeaders.join(', ')}`))]),
    ]),
  ];
}

function mcpLines(face: Mcp, paint: Colors): string[] {
  const { namespace, transport, port, tools, resources = [], prompts = [] } = face;
  const where = port === undefined ? transport : `port ${port}`;
  return [
    ...title(`MCP ${namespace}, ${where}`, face, paint),
    ...tools.flatMap((tool) => [
      plain(`    ${tool.name}`),
      ...runLines(tool, paint.dim),
      ...columns(membersOf(tool.inputSchema, '')),
      ...outputLines(tool.outputSchema),
    ]),
    ...resources.flatMap((resource) => [
      plain(`    resource  ${resource.uri}  ${resource.name}`),
      ...('folder' in resource
        ? [paint.dim(plain(`      -> the files of ${resource.folder}`))]
        : [...runLines(resource, paint.dim), ...inputLines(resource.inputs, false)]),
    ]),
    ...prompts.flatMap(({ name, arguments: given = [] }) => [
      plain(`    prompt    ${name}`),
      ...columns(
        given.map((each): Row => [each.name, 'string', each.required, each.description ?? '']),
      ),
    ]),
  ];
}

function skillLines(face: NonNullable<Described['skill']>[number], paint: Colors): string[] {
  return [
    ...title(`skill ${face.namespace}, port ${face.port}`, face, paint),
    ...face.skills.flatMap(({ name, folder, tools }) => [
      plain(`    ${name}${folder === undefined ? '' : `  ${folder}`}`),
      ...tools.map((tool) =>
        plain(
          'instruction' in tool
            ? `      ${tool.name}  reads ${tool.instruction}`
            : `      ${tool.name}  calls ${tool.from.namespace}.${tool.from.action}: ${
                tool.mode === 'rest' ? `${tool.method} ${tool.path}` : `tool ${tool.tool}`
              }`,
        ),
      ),
    ]),
  ];
}

const controlLines = (face: NonNullable<Described['control']>[number], paint: Colors): string[] => [
  ...title(`control, port ${face.port}`, face, paint),
  ...(face.health ? ['    /health/live  /health/ready'] : []),
  ...(face.info ? ['    /status'] : []),
];

const title = (text: string, access: Access, paint: Colors): string[] => [
  '',
  paint.bold(plain(`  ${text}${callersText(access)}`)),
];

function callersText({ authentication, access }: Access): string {
  if (authentication === undefined || access === undefined) return '';
  const { token, variables = [] } = access;
  if (token !== undefined) {
    const scopes = token.scopes.length === 0 ? '' : ` with ${token.scopes.join(' ')}`;
    return `, callers by oauth2: a token of ${token.issuer} for ${token.audience}${scopes}`;
  }
  const where = authentication === 'apikey' ? ` in ${access.in} ${access.name}` : '';
  const held = variables.length === 0 ? '' : ` (${variables.join(', ')})`;
  return `, callers by ${authentication}${where}${held}`;
}

/** A tool or resource has its inputs by name alone; a route says where each is. */
const inputLines = (inputs: readonly Input[], places = true): string[] =>
  columns(
    inputs.flatMap(({ name, in: place, type, required, description = '', schema }): Row[] => [
      [name, places ? `${place} ${type}` : type, required, description],
      ...membersOf(schema as JsonSchema, '  '),
    ]),
  );
