import type { Finding } from '../document/finding.ts';
import { TOKEN_ENCODING, type TokenCounter, tokenCounter } from '../mcp/tokens.ts';
import type { CapabilityPlan, McpPlan, ToolDefinition } from '../plan/plan.ts';
import { maskedJson } from './findings.ts';
import { plain } from './plain.ts';
import type { Terminal } from './terminal.ts';

/** What a tool costs every conversation that has it: its definition as `tools/list` sends it. */
interface Cost {
  readonly name: string;
  readonly tokens: number;
  readonly characters: number;
}

/** Prints the cost of all tools by expose, dearest first. */
export async function showTokens(
  plans: readonly CapabilityPlan[],
  findings: readonly Finding[],
  format: 'text' | 'json',
  terminal: Terminal,
  mask: (text: string) => string,
): Promise<void> {
  const counter = await tokenCounter();
  const exposes = plans.flatMap(({ file, faces }) =>
    faces
      .filter((face): face is McpPlan => face.face === 'mcp')
      .map(({ namespace, tools }) => costOf(file, namespace, tools, counter)),
  );
  if (format === 'json') {
    const tokens = exposes.reduce((sum, expose) => sum + expose.tokens, 0);
    terminal.out(maskedJson({ estimatedWith: TOKEN_ENCODING, tokens, exposes, findings }, mask));
  } else if (exposes.length === 0) terminal.out('Nothing is exposed over MCP.');
  else terminal.out(mask(exposes.map(textOf).join('\n\n')));
}

type ExposeCost = ReturnType<typeof costOf>;

function costOf(
  file: string,
  namespace: string,
  tools: readonly { readonly definition: ToolDefinition }[],
  counter: TokenCounter,
) {
  const costs = tools.map(({ definition }): Cost => {
    const text = JSON.stringify(definition);
    return { name: definition.name, tokens: counter.count(text), characters: text.length };
  });
  const tokens = costs.reduce((sum, cost) => sum + cost.tokens, 0);
  const characters = costs.reduce((sum, cost) => sum + cost.characters, 0);
  return { file, namespace, tokens, characters, tools: costs.sort(dearestFirst) };
}

/** Of equal cost by name, so that two runs say the same. */
const dearestFirst = (one: Cost, other: Cost): number =>
  other.tokens - one.tokens || (one.name < other.name ? -1 : 1);

function textOf({ file, namespace, tokens, tools }: ExposeCost): string {
  const width = String(tokens).length;
  return [
    plain(`MCP ${namespace}  ${file}`),
    `  ${tokens} tokens in ${tools.length} tools, estimated with ${TOKEN_ENCODING}`,
    ...tools.map((cost) => plain(`  ${String(cost.tokens).padStart(width)}  ${cost.name}`)),
  ].join('\n');
}
