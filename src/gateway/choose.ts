import { type Finding, findingAt } from '../document/finding.ts';
import type { CapabilityPlan } from '../plan/plan.ts';
import { type Loaded, planOf } from './load.ts';
import { type Merged, mergeMount } from './merge.ts';
import { mountFaces } from './mount.ts';
import type { GatewayOptions } from './options.ts';
import { StartError } from './start-error.ts';

/** What is served of what was loaded. */
export interface Chosen {
  readonly capabilities: readonly CapabilityPlan[];
  /** Files left out with `keepGoing`. */
  readonly leftOut: readonly string[];
  readonly merged: readonly Merged[];
  readonly findings: readonly Finding[];
}

/**
 * All of it, or with `keepGoing` what can be served.
 * @throws StartError
 */
export function chooseServed(loaded: Loaded, options: GatewayOptions): Chosen {
  const { refused, findings, sources } = loaded;
  const keepGoing = options.keepGoing === true;
  if (refused.length > 0 && !keepGoing) {
    const rest = sources.length > refused.length ? ' --keep-going serves the rest.' : '';
    const what = refused.length === 1 ? 'A file has' : `${refused.length} files have`;
    throw new StartError(`${what} errors, so nothing is served.${rest}`, loaded);
  }
  let capabilities = loaded.capabilities.map(planOf);
  const leftOut = [...refused];
  for (;;) {
    const merged = mergeAll(capabilities, options);
    const conflicts = merged.flatMap((each) => each.conflicts);
    if (conflicts.length === 0) {
      if (!servesAnything(capabilities, merged, options)) {
        throw new StartError(nothingToServe(capabilities, options), loaded);
      }
      return { capabilities, leftOut, merged, findings: [...findings, ...shadows(merged, loaded)] };
    }
    if (!keepGoing) {
      const messages = conflicts.map(({ message }) => message);
      throw new StartError(messages.join('\n'), loaded);
    }
    const out = new Set(conflicts.map(({ later }) => later));
    leftOut.push(...Array.from(out, ({ file }) => file));
    capabilities = capabilities.filter((capability) => !out.has(capability));
  }
}

function mergeAll(capabilities: readonly CapabilityPlan[], options: GatewayOptions): Merged[] {
  if (options.stdio === true) return [];
  const toolNames = options.toolNames ?? 'published';
  return mountFaces(capabilities, options).map((mount) => mergeMount(mount, toolNames));
}

function servesAnything(
  capabilities: readonly CapabilityPlan[],
  merged: readonly Merged[],
  options: GatewayOptions,
): boolean {
  const faces = capabilities.flatMap((capability) => capability.faces);
  return (
    merged.length > 0 ||
    faces.some(
      (face) => face.face === 'mcp' && (options.stdio === true || face.transport === 'stdio'),
    )
  );
}

function nothingToServe(
  capabilities: readonly CapabilityPlan[],
  { stdio }: GatewayOptions,
): string {
  if (capabilities.length === 0) return 'There is nothing to serve.';
  if (stdio !== true) {
    return 'There is nothing to serve: no file has an expose of type rest, mcp, skill or control.';
  }
  const faces = new Set(capabilities.flatMap((each) => each.faces.map(({ face }) => face)));
  const others = [...faces].join(' and ');
  const instead = others === '' ? '' : ` To serve what is of type ${others}, leave --stdio out.`;
  return `There is nothing to serve on stdin and stdout: no file has an expose of type mcp.${instead}`;
}

/** What is never reached, as warnings about the files. */
function shadows(merged: readonly Merged[], { sources }: Loaded): Finding[] {
  return merged
    .flatMap((each) => each.shadowed)
    .flatMap(({ file, code, message }) => {
      const source = sources.find(({ path }) => path === file);
      return source === undefined
        ? []
        : [findingAt(source, code, '/capability/exposes', message, { severity: 'warning' })];
    });
}
