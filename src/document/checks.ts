import type { CapabilityDocument, ConsumesEntry, Expose } from './document.ts';
import type { Finding } from './finding.ts';
import { findingAt } from './finding.ts';
import type { Source } from './source.ts';
import { pointerOf } from './source.ts';

/** What one document can be judged for without compiling it, beyond what a schema can say. */
export function checkNames(document: CapabilityDocument, source: Source): Finding[] {
  return [...duplicates(document, source), ...exposed(document, source)];
}

interface Named {
  readonly namespace: string | undefined;
  readonly pointer: string;
}

function duplicates(document: CapabilityDocument, source: Source): Finding[] {
  const { capability } = document;
  const aggregates = (capability?.aggregates ?? []) as readonly { namespace?: string }[];
  return [
    ...repeated('bind', source, [
      ...named(document.binds, '/binds'),
      ...named(capability?.binds, '/capability/binds'),
    ]),
    ...repeated('consumed API', source, [
      ...consumed(document.consumes, '/consumes'),
      ...consumed(capability?.consumes, '/capability/consumes'),
    ]),
    ...repeated('expose', source, named(capability?.exposes, '/capability/exposes')),
    ...repeated('aggregate', source, named(aggregates, '/capability/aggregates')),
  ];
}

function named(
  entries: readonly { readonly namespace?: string }[] | undefined,
  parent: string,
): Named[] {
  return (entries ?? []).map(({ namespace }, index) => ({
    namespace,
    pointer: pointerOf(parent, index, 'namespace'),
  }));
}

function consumed(entries: readonly ConsumesEntry[] | undefined, parent: string): Named[] {
  return (entries ?? []).map((entry, index) => {
    if (!('import' in entry)) {
      return { namespace: entry.namespace, pointer: pointerOf(parent, index, 'namespace') };
    }
    const key = entry.as === undefined ? 'import' : 'as';
    return { namespace: entry.as ?? entry.import, pointer: pointerOf(parent, index, key) };
  });
}

function repeated(what: string, source: Source, entries: readonly Named[]): Finding[] {
  const first = new Map<string, string>();
  return entries.flatMap(({ namespace, pointer }) => {
    if (namespace === undefined) return [];
    const earlier = first.get(namespace);
    if (earlier === undefined) {
      first.set(namespace, pointer);
      return [];
    }
    const message =
      `The namespace "${namespace}" is already that of the ${what} in line ${source.position(earlier).line}, ` +
      'so its names could mean either. Rename one of the two.';
    return [findingAt(source, 'NAMESPACE_DUPLICATE', pointer, message)];
  });
}

function exposed(document: CapabilityDocument, source: Source): Finding[] {
  const exposes = document.capability?.exposes ?? [];
  if (exposes.length > 0) {
    return exposes.flatMap((expose, index) =>
      exposedBy(expose, pointerOf('/capability/exposes', index), source),
    );
  }
  if (document.capability === undefined) {
    const shared =
      'The file declares consumed APIs for other files to import, and exposes nothing itself.';
    const details = { at: 'key', severity: 'info' } as const;
    return [findingAt(source, 'NOTHING_EXPOSED', '/consumes', shared, details)];
  }
  const message =
    'The capability exposes nothing, so nothing of it can be served. Add an entry to exposes.';
  return [findingAt(source, 'NOTHING_EXPOSED', '/capability', message, { at: 'key' })];
}

function exposedBy(expose: Expose, pointer: string, source: Source): Finding[] {
  const findings: Finding[] = [];
  if (expose.type === 'rest' && (expose.resources ?? []).length === 0) {
    const message = 'This REST expose has no resources, so it serves no route. Add some.';
    findings.push(findingAt(source, 'NOTHING_EXPOSED', pointer, message));
  }
  if (expose.type !== 'mcp') return findings;
  const parts = [expose.tools, expose.resources, expose.prompts];
  if (parts.every((part) => !Array.isArray(part) || part.length === 0)) {
    const message = 'This MCP expose has no tools, so it offers nothing. Add some.';
    findings.push(findingAt(source, 'NOTHING_EXPOSED', pointer, message));
  }
  if (expose.transport !== 'stdio') return findings;
  for (const key of ['port', 'address'] as const) {
    if (expose[key] === undefined) continue;
    const message = `"${key}" has no meaning with transport stdio, which listens nowhere. Remove it, or say transport: http.`;
    findings.push(
      findingAt(source, 'KEY_UNKNOWN', pointerOf(pointer, key), message, { at: 'key' }),
    );
  }
  return findings;
}
