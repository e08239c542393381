import picocolors from 'picocolors';
import { excerpt } from './excerpt.ts';
import type { Finding, Severity } from './finding.ts';
import type { Source } from './source.ts';

export interface RenderOptions {
  readonly color?: boolean;
}

type Paint = ReturnType<typeof picocolors.createColors>;

/**
 * Findings for people: `file:line:column severity CODE message`, the lines around the place with a
 * caret under it, and a count at the end. The empty text when there are none.
 */
export function renderFindings(
  findings: readonly Finding[],
  sources: Iterable<Source>,
  options: RenderOptions = {},
): string {
  if (findings.length === 0) return '';
  const paint = picocolors.createColors(options.color === true);
  const texts = new Map<string, readonly string[]>();
  for (const { path, text } of sources) texts.set(path, text.split(/\r?\n/));
  const shown = findings.map((finding) => renderFinding(finding, texts.get(finding.file), paint));
  return `${shown.join('\n\n')}\n\n${countLine(findings)}\n`;
}

/**
 * Findings for programs: JSON with the findings as they are and the number of each severity; with the
 * paths of the files that were judged when they are given.
 */
export function findingsJson(findings: readonly Finding[], files?: readonly string[]): string {
  const { error: errors, warning: warnings, info: infos } = countsOf(findings);
  // JSON leaves out what is undefined.
  return JSON.stringify({ files, errors, warnings, infos, findings }, null, 2);
}

function renderFinding(
  finding: Finding,
  lines: readonly string[] | undefined,
  paint: Paint,
): string {
  const { severity, code, message, suggestion, line, column } = finding;
  const place = line === 0 ? '' : `:${line}:${column}`;
  const asked = suggestion !== undefined && !message.includes(`"${suggestion}"`);
  const head = [
    paint.bold(`${visible(finding.file)}${place}`),
    colorOf(severity, paint)(severity),
    paint.dim(code),
    visible(message) + (asked ? ` Did you mean "${visible(suggestion)}"?` : ''),
  ].join(' ');
  if (line === 0 || lines === undefined) return head;
  const rows = excerpt(lines, line, column).map(({ number, text, marked }) => {
    const gutter = `${number === undefined ? '' : number}`.padStart(5);
    if (number === undefined)
      return `${paint.dim(`${gutter} |`)} ${colorOf(severity, paint)(text)}`;
    return `${paint.dim(`${gutter} |`)} ${marked ? text : paint.dim(text)}`.trimEnd();
  });
  return [head, ...rows].join('\n');
}

/** Marks of a terminal in a file or a name must not steer the terminal of its reader. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

function colorOf(severity: Severity, paint: Paint): (text: string) => string {
  if (severity === 'error') return paint.red;
  return severity === 'warning' ? paint.yellow : paint.cyan;
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

function countLine(findings: readonly Finding[]): string {
  const { error, warning, info } = countsOf(findings);
  const files = new Set(findings.map(({ file }) => file)).size;
  const parts = [counted(error, 'error'), counted(warning, 'warning')];
  if (info > 0) parts.push(counted(info, 'note'));
  return `${parts.join(', ')} in ${counted(files, 'file')}`;
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
