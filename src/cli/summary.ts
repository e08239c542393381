import pc from 'picocolors';
import type { Finding } from '../document/finding.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { CapabilityPlan, McpPlan, RestPlan } from '../plan/plan.ts';

/** More capabilities than this are counted rather than listed. */
const LISTED = 20;
const WARNINGS_LISTED = 10;

/** What is served where, for a person at a terminal. */
export function summaryOf(gateway: Gateway, color: boolean): string {
  const paint = pc.createColors(color);
  const lines: string[] = [];
  for (const capability of gateway.capabilities.slice(0, LISTED)) {
    lines.push('', `${paint.bold(capability.label)}  ${paint.dim(capability.file)}`);
    for (const face of capability.faces) lines.push(`  ${faceLine(gateway, capability, face)}`);
    for (const { namespace, baseUri, authentication } of capability.consumes) {
      lines.push(
        `  upstream  ${baseUri}  (${namespace}, ${authentication === 'none' ? 'no credential' : authentication})`,
      );
    }
  }
  const more = gateway.capabilities.length - LISTED;
  if (more > 0) lines.push('', `and ${more} more capabilities; naftiko inspect shows each.`);
  if (gateway.leftOut.length > 0) {
    lines.push('', paint.yellow(`Left out, with errors: ${gateway.leftOut.length}`));
    for (const file of gateway.leftOut.slice(0, LISTED))
      lines.push(`  ${file}: ${reasonFor(gateway, file)}`);
  }
  lines.push(...warningLines(gateway.findings, paint), ...listenerLines(gateway));
  return lines.join('\n');
}

function faceLine(gateway: Gateway, capability: CapabilityPlan, face: RestPlan | McpPlan): string {
  const count =
    face.face === 'rest'
      ? counted(face.routes.length, 'route')
      : counted(face.tools.length, 'tool');
  const label = face.face.padEnd(8);
  const listener = gateway.listeners.find(({ mount }) =>
    [...mount.rest, ...mount.mcp].some(
      (entry) => entry.plan === face && entry.capability === capability,
    ),
  );
  if (listener === undefined) {
    const where = face.face === 'mcp' ? 'stdin and stdout' : 'not served';
    return `${label}  ${where}  (${count})`;
  }
  const origin = originOf(listener);
  if (face.face === 'rest') return `${label}  ${origin}${commonPrefix(face)}  (${count})`;
  const path = listener.mount.mcp.length === 1 ? '/mcp' : `/${face.namespace}/mcp`;
  return `${label}  ${origin}${path}  (${count})`;
}

export const originOf = ({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): string => {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
};

/** The segments that all routes begin with, as the base a client would set. */
function commonPrefix({ routes }: RestPlan): string {
  const [first, ...rest] = routes.map(({ path }) => path.split('/').slice(1));
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

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

function reasonFor(gateway: Gateway, file: string): string {
  const errors = gateway.findings.filter(
    (finding) => finding.file === file && finding.severity === 'error',
  );
  const [first] = errors;
  if (first === undefined) return 'it serves a route or tool that another file serves';
  return errors.length === 1 ? first.message : `${first.message} (and ${errors.length - 1} more)`;
}

function warningLines(
  findings: readonly Finding[],
  paint: ReturnType<typeof pc.createColors>,
): string[] {
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  if (warnings.length === 0) return [];
  const lines = ['', paint.yellow(counted(warnings.length, 'warning'))];
  if (warnings.length <= WARNINGS_LISTED) {
    for (const { file, line, column, code, message } of warnings)
      lines.push(`  ${file}:${line}:${column}  ${code}  ${message}`);
    return lines;
  }
  const byCode = new Map<string, number>();
  for (const { code } of warnings) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  for (const [code, count] of byCode) lines.push(`  ${code}  ${count}`);
  lines.push('  naftiko validate shows each with its place.');
  return lines;
}

function listenerLines(gateway: Gateway): string[] {
  const shared = gateway.listeners.filter(({ mount }) => mount.mcp.length > 1);
  return shared.length === 0
    ? []
    : [
        '',
        ...shared.map(
          (listener) => `All MCP tools of port ${listener.port}: ${originOf(listener)}/mcp`,
        ),
      ];
}
