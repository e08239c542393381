import type { JsonSchema } from '../plan/plan.ts';
import { columns, membersOf, typeText } from './columns.ts';
import type { Described } from './describe.ts';
import { plain } from './plain.ts';
import { callText, type DescribedStep, stepText, valueText } from './steps.ts';

type Operation = Pick<
  Described['mcp'][number]['tools'][number],
  'runs' | 'upstream' | 'steps' | 'mappings'
>;

/** What is run for an operation, each line dimmed: the request, the steps by stage, or nothing. */
export function runLines(
  { runs, upstream, steps = [], mappings = [] }: Operation,
  dim: (text: string) => string,
): string[] {
  const lines =
    runs === 'steps'
      ? [...stepLines(steps), ...mappings.map(mappingLine)]
      : runs === 'call'
        ? upstream.map((call) => `      -> ${callText(call)}`)
        : ['      -> nothing is called: it answers its own values'];
  return lines.map((line) => dim(plain(line)));
}

/** Steps of one number run at the same time. */
function stepLines(steps: readonly DescribedStep[]): string[] {
  const width = Math.max(...steps.map(({ name }) => name.length));
  return steps.flatMap((step) => {
    const { stage, name, after } = step;
    const waits = after.length === 0 ? '' : `  after ${after.join(', ')}`;
    const given = 'with' in step ? (step.with ?? {}) : {};
    return [
      `      ${String(stage).padStart(2)}  ${name.padEnd(width)}  ${stepText(step)}${waits}`,
      ...Object.entries(given).map(
        ([key, value]) => `          ${' '.repeat(width)}  ${key}: ${valueText(value)}`,
      ),
    ];
  });
}

const mappingLine = ({ targetName, value }: NonNullable<Operation['mappings']>[number]): string =>
  `       =  ${targetName}: ${valueText(value)}`;

/** What an operation answers, where that is declared. */
export function outputLines(schema: JsonSchema | undefined): string[] {
  if (schema === undefined) return [];
  return [plain(`      <- ${typeText(schema)}`), ...columns(membersOf(schema, '  '))];
}
