import pc from 'picocolors';
import type { Finding } from '../document/finding.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { hasCommonEndpoint } from '../gateway/merge.ts';
import { facesOf } from '../gateway/mount.ts';
import type {
  CapabilityPlan,
  ConsumedPlan,
  ControlPlan,
  FacePlan,
  RestPlan,
} from '../plan/plan.ts';
import { inOrder } from './findings.ts';
import { plain } from './plain.ts';
import type { RunFlags } from './run-flags.ts';

/** So many capabilities are shown in full; of more, each gets a line; of many more, the first do. */
const IN_FULL = 10;
const IN_LINES = 24;
const WARNINGS_LISTED = 10;
const LEFT_OUT_LISTED = 20;

type Colors = ReturnType<typeof pc.createColors>;
type Listener = Gateway['listeners'][number];

/** What is served where, for a person at a terminal. */
export function summaryOf(gateway: Gateway, flags: RunFlags, color: boolean): string {
  const paint = pc.createColors(color);
  const { capabilities } = gateway;
  return [
    ...(capabilities.length <= IN_FULL
      ? capabilities.flatMap((capability) => fullLines(gateway, capability, flags, paint))
      : shortLines(gateway, paint)),
    ...leftOutLines(gateway, paint),
    ...warningLines(gateway.findings, paint),
    ...totalLines(gateway, paint),
  ].join('\n');
}

function fullLines(
  gateway: Gateway,
  capability: CapabilityPlan,
  flags: RunFlags,
  paint: Colors,
): string[] {
  const rows = [
    ...capability.faces.map((face) => [nameOf(face), placeOf(gateway, face), contentsOf(face)]),
    ...capability.consumes.map((consumed) => ['upstream', ...upstreamCells(consumed, flags)]),
  ];
  return [
    '',
    `${paint.bold(plain(capability.label))}  ${paint.dim(plain(capability.file))}`,
    ...table(rows),
  ];
}

function shortLines(gateway: Gateway, paint: Colors): string[] {
  const { capabilities } = gateway;
  const rows = capabilities
    .slice(0, IN_LINES)
    .map(({ label, file, faces }) => [
      plain(label),
      faces.map(contentsOf).join(', '),
      paint.dim(plain(file)),
    ]);
  const more = capabilities.length - IN_LINES;
  return [
    '',
    ...table(rows),
    ...(more > 0 ? [`  and ${number(more)} more; naftiko inspect FILE shows one.`] : []),
  ];
}

function upstreamCells(
  { namespace, baseUri, authentication }: ConsumedPlan,
  { mock, mockOpenapi, baseUri: given }: RunFlags,
): string[] {
  const mocked =
    (mock === true || mockOpenapi !== undefined) && !Object.hasOwn(given ?? {}, namespace);
  const credential = authentication === 'none' ? 'no credential' : authentication;
  return [mocked ? 'a mock in this process' : baseUri, plain(`${namespace}, ${credential}`)];
}

const nameOf = ({ face }: FacePlan): string =>
  face === 'rest' || face === 'mcp' ? face.toUpperCase() : face;

/** Where a face is reached: a REST base, the URL of an MCP endpoint or of another face, or in words. */
function placeOf(gateway: Gateway, face: FacePlan): string {
  const listener = gateway.listeners.find(({ mount }) =>
    facesOf(mount).some(({ plan }) => plan === face),
  );
  if (listener === undefined) return face.face === 'mcp' ? 'stdin and stdout' : 'not served';
  switch (face.face) {
    case 'rest':
      return originOf(listener) + commonBase(face);
    case 'mcp':
      return mcpUrlOf(listener, face.namespace);
    case 'skill':
      return `${originOf(listener)}/skills`;
    case 'control':
      return originOf(listener) + controlPath(face);
  }
}

const controlPath = ({ health, info, metrics }: ControlPlan): string =>
  health ? '/health/ready' : info ? '/status' : metrics ? '/metrics' : '';

function contentsOf(face: FacePlan): string {
  switch (face.face) {
    case 'rest':
      return listed([
        [face.routes.length, 'route'],
        [face.forwards?.length ?? 0, 'forward'],
      ]);
    case 'mcp':
      return listed([
        [face.tools.length, 'tool'],
        [face.resources?.length ?? 0, 'resource'],
        [face.prompts?.length ?? 0, 'prompt'],
      ]);
    case 'skill':
      return counted(face.skills.length, 'skill');
    case 'control':
      return [
        ...(face.health ? ['health'] : []),
        ...(face.info ? ['status'] : []),
        ...(face.metrics ? ['metrics'] : []),
      ].join(', ');
  }
}

/** What there is of each; the first also when there is nothing. */
function listed(counts: readonly (readonly [count: number, noun: string])[]): string {
  const some = counts.filter(([count]) => count > 0);
  return (some.length > 0 ? some : counts.slice(0, 1))
    .map(([count, noun]) => counted(count, noun))
    .join(', ');
}

export function originOf({ host, port }: Pick<Listener, 'host' | 'port'>): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/** The endpoint of one expose; `/mcp` alone when it has the port for itself. */
export const mcpUrlOf = (listener: Listener, namespace: string): string =>
  `${originOf(listener)}${listener.mount.mcp.length === 1 ? '' : `/${namespace}`}/mcp`;

/** The segments that all routes begin with, as the base a client would set. */
function commonBase({ routes, forwards = [] }: RestPlan): string {
  const [first, ...rest] = [...routes, ...forwards].map(({ path }) => path.split('/').slice(1));
  if (first === undefined) return '';
  let length = first.findIndex(
    (segment, index) => segment.includes('{') || rest.some((other) => other[index] !== segment),
  );
  if (length === -1) length = first.length;
  return first
    .slice(0, length)
    .map((segment) => `/${segment}`)
    .join('');
}

function leftOutLines({ leftOut, findings }: Gateway, paint: Colors): string[] {
  if (leftOut.length === 0) return [];
  const shown = leftOut.slice(0, LEFT_OUT_LISTED).map((file) => `  ${reasonFor(file, findings)}`);
  const more = leftOut.length - LEFT_OUT_LISTED;
  return [
    '',
    paint.yellow(`${counted(leftOut.length, 'file')} left out`),
    ...shown,
    ...(more > 0 ? [`  and ${number(more)} more`] : []),
    '  naftiko validate FILE shows each error with its place.',
  ];
}

function reasonFor(file: string, findings: readonly Finding[]): string {
  const [first, ...others] = inOrder(findings).filter(
    (finding) => finding.file === file && finding.severity === 'error',
  );
  if (first === undefined) return `${file}: serves a route or tool that an earlier file serves`;
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'more error')})`;
  return `${lineOf(first)}${more}`;
}

function warningLines(findings: readonly Finding[], paint: Colors): string[] {
  const warnings = inOrder(findings.filter(({ severity }) => severity === 'warning'));
  if (warnings.length === 0) return [];
  const title = paint.yellow(counted(warnings.length, 'warning'));
  if (warnings.length <= WARNINGS_LISTED) {
    return ['', title, ...warnings.map((finding) => `  ${lineOf(finding)}`)];
  }
  const byCode = new Map<string, number>();
  for (const { code } of warnings) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  const rows = [...byCode]
    .sort(([, one], [, other]) => other - one)
    .map(([code, count]) => [code, number(count).padStart(6)]);
  return ['', title, ...table(rows), '  naftiko validate FILE shows each with its place.'];
}

const lineOf = ({ file, line, column, code, message }: Finding): string =>
  plain(`${file}${line === 0 ? '' : `:${line}:${column}`}  ${code}  ${message}`);

/** For several capabilities: what there is in all, and where. */
function totalLines({ capabilities, listeners }: Gateway, paint: Colors): string[] {
  if (capabilities.length < 2 || listeners.length === 0) return [];
  const rows = listeners.flatMap((listener) => {
    const { rest, mcp } = listener.mount;
    const routes = rest.reduce((sum, { plan }) => sum + plan.routes.length, 0);
    const tools = mcp.reduce((sum, { plan }) => sum + plan.tools.length, 0);
    const origin = originOf(listener);
    return [
      ...(rest.length > 0 ? [['REST', origin, counted(routes, 'route')]] : []),
      ...(mcp.length > 0
        ? [
            [
              'MCP',
              origin + (hasCommonEndpoint(listener.mount) ? '/mcp' : ''),
              counted(tools, 'tool'),
            ],
          ]
        : []),
    ];
  });
  return [
    '',
    paint.bold(counted(capabilities.length, 'capability', 'capabilities')),
    ...table(rows),
  ];
}

/** Rows with their cells below each other; the last cell is as long as it likes. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** By hand: the first use of `toLocaleString` loads the locale data of the whole world. */
const number = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${number(count)} ${count === 1 ? noun : plural}`;
