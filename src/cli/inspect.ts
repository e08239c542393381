import type { ToolNames } from '../compile/tool-name.ts';
import type { About } from '../document/about.ts';
import type { Finding } from '../document/finding.ts';
import { renderFindings } from '../document/render.ts';
import { loadCapabilities, planOf } from '../gateway/load.ts';
import { createMask } from '../secrets.ts';
import { aboutText } from './about-text.ts';
import { type Described, describeCapability } from './describe.ts';
import { inOrder, isOfThePlace, maskedJson } from './findings.ts';
import { inspectText } from './inspect-text.ts';
import { showTokens } from './inspect-tokens.ts';
import type { Terminal } from './terminal.ts';

export interface InspectFlags {
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly prefix?: boolean;
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly inlineRefs?: boolean;
  readonly toolNames: ToolNames;
  readonly ambiguousCalls: 'first' | 'nearest';
  readonly lint?: boolean;
  /** Shows what the definitions of tools cost, instead of the rest. */
  readonly tokens?: boolean;
  readonly format: 'text' | 'json';
}

/** Prints what files become. A variable without a value is no obstacle: it is shown as needed. */
export async function inspect(
  files: readonly string[],
  flags: InspectFlags,
  terminal: Terminal,
): Promise<number> {
  const { baseUri: baseUris = {}, format, ...same } = flags;
  // Nothing is run here, so nobody has to let scripts run.
  const options = { ...same, files, baseUris, allowScripts: true };
  const loaded = await loadCapabilities(options, { about: true });
  const mask = createMask(loaded.secrets);
  const capabilities = loaded.drafts.map((each) => ({
    ...describeCapability(each),
    ...(each.about === undefined ? {} : { about: each.about }),
  }));
  const findings = inOrder(loaded.findings);
  const errors = findings.filter(isError);
  if (flags.tokens === true) {
    const plans = loaded.drafts.map(planOf);
    await showTokens(plans, findings, format, terminal, mask);
  } else if (format === 'json') terminal.out(maskedJson({ capabilities, findings }, mask));
  else if (capabilities.length > 0) {
    const color = terminal.color && terminal.interactive;
    terminal.out(mask(capabilities.map((each) => textOf(each, color)).join('\n\n')));
  }
  if (format === 'text') {
    const text = renderFindings(flags.lint === true ? findings : errors, loaded.sources, {
      color: terminal.color,
    });
    if (text !== '') terminal.err(mask(text));
  }
  return errors.length > 0 ? 1 : 0;
}

const textOf = (each: Described & { readonly about?: About }, color: boolean): string =>
  [inspectText(each, color), each.about === undefined ? '' : aboutText(each.about, color)]
    .filter((text) => text !== '')
    .join('\n');

const isError = (finding: Finding): boolean =>
  finding.severity === 'error' && !isOfThePlace(finding);
