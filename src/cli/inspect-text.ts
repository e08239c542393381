import pc from 'picocolors';
import type { JsonSchema } from '../plan/plan.ts';
import type { Described } from './inspect.ts';
import { plain } from './plain.ts';

type Row = readonly [name: string, type: string, required: boolean, description: string];

const DESCRIPTION_LIMIT = 90;

/** One capability for people: inputs below each route and tool, in columns. */
export function inspectText(capability: Described, color: boolean): string {
  const paint = pc.createColors(color);
  const { label, file, consumes, variables, rest, mcp, skill = [], control = [] } = capability;
  const lines = [`${paint.bold(plain(label))}  ${paint.dim(plain(file))}`, ''];
  for (const { namespace, baseUri, authentication, operations } of consumes) {
    const credential = authentication === 'none' ? 'no credential' : authentication;
    lines.push(
      plain(
        `  consumes  ${namespace}  ${baseUri || 'no base URI'}  ${credential}, ${operations} operations`,
      ),
    );
  }
  for (const { key, hasValue } of variables)
    lines.push(`  variable  ${key}  ${hasValue ? 'has a value' : paint.yellow('has no value')}`);
  for (const { namespace, port, authentication, routes, forwards = [] } of rest) {
    lines.push('', paint.bold(plain(`  REST ${namespace}, port ${port}${by(authentication)}`)));
    for (const { method, path, inputs, upstream } of routes) {
      lines.push(
        plain(`    ${method.padEnd(6)} ${path}`),
        paint.dim(`      -> ${upstreamText(upstream)}`),
      );
      const rows = inputs.flatMap((input): Row[] => [
        [input.name, `${input.in} ${input.type}`, input.required, input.description ?? ''],
        ...membersOf(input.schema, '  '),
      ]);
      lines.push(...columns(rows));
    }
    for (const { path, url } of forwards)
      lines.push(
        plain(`    any    ${path}/…`),
        paint.dim(plain(`      -> any ${url || '<base URI>'}/…`)),
      );
  }
  for (const {
    namespace,
    transport,
    port,
    authentication,
    tools,
    resources = [],
    prompts = [],
  } of mcp) {
    const where = port === undefined ? transport : `port ${port}`;
    lines.push('', paint.bold(plain(`  MCP ${namespace}, ${where}${by(authentication)}`)));
    for (const { name, inputSchema, upstream, asks = [] } of tools) {
      lines.push(plain(`    ${name}`));
      if (upstream.length > 0) lines.push(paint.dim(`      -> ${upstreamText(upstream)}`));
      for (const { step, needs, optional } of asks) {
        lines.push(paint.dim(plain(`      asks ${step}: ${needs}${optional ? ', optional' : ''}`)));
      }
      lines.push(...columns(membersOf(inputSchema, '')));
    }
    for (const { uri, name } of resources) lines.push(plain(`    resource  ${uri}  ${name}`));
    for (const { name } of prompts) lines.push(plain(`    prompt    ${name}`));
  }
  for (const { namespace, port, authentication, skills } of skill) {
    lines.push('', paint.bold(plain(`  skill ${namespace}, port ${port}${by(authentication)}`)));
    for (const { name, tools } of skills) lines.push(plain(`    ${[name, ...tools].join('  ')}`));
  }
  for (const { port, authentication, health, info } of control) {
    lines.push('', paint.bold(plain(`  control, port ${port}${by(authentication)}`)));
    if (health) lines.push('    /health/live  /health/ready');
    if (info) lines.push('    /status');
  }
  return lines.join('\n');
}

const by = (authentication: string | undefined): string =>
  authentication === undefined ? '' : `, callers by ${authentication}`;

/** The properties of an object schema, and theirs below them. */
function membersOf(schema: JsonSchema, indent: string): Row[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set((schema.required ?? []) as readonly string[]);
  return properties.flatMap(([name, property]): Row[] => [
    [
      indent + name,
      typeText(property),
      required.has(name),
      typeof property.description === 'string' ? property.description : '',
    ],
    ...membersOf(property, `${indent}  `),
  ]);
}

function typeText({ type, items, enum: values }: JsonSchema): string {
  const known = typeof type === 'string' ? type : 'any';
  if (Array.isArray(values)) return `${known} (${values.map(String).join(' | ')})`;
  const item = (items as JsonSchema | undefined)?.type;
  return known === 'array' && typeof item === 'string' ? `array of ${item}` : known;
}

function columns(rows: readonly Row[]): string[] {
  const width = (index: 0 | 1): number => Math.max(...rows.map((row) => row[index].length));
  return rows
    .map(([name, type, required, description]) =>
      [
        `      ${name.padEnd(width(0))}`,
        type.padEnd(width(1)),
        required ? 'required' : '        ',
        shortened(description.replace(/\s+/g, ' ').trim()),
      ]
        .join('  ')
        .trimEnd(),
    )
    .map(plain);
}

const shortened = (text: string): string =>
  text.length <= DESCRIPTION_LIMIT ? text : `${text.slice(0, DESCRIPTION_LIMIT - 1)}…`;

const upstreamText = (
  steps: readonly { readonly method: string; readonly url: string }[],
): string => plain(steps.map(({ method, url }) => `${method} ${url}`).join(', then '));
