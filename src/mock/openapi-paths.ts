import { isRecord } from '../json.ts';
import { follow, type Node } from './openapi-document.ts';
import type { MockOperation } from './operation.ts';

export interface DocumentOperation {
  readonly item: Node;
  readonly operation: Node;
}

/**
 * Finds the document's words for an operation by method and path. Variable names do not matter, and
 * the path of a server (or `basePath`) and of the block's base URI may be there or not.
 */
export function indexPaths(
  document: Node,
  baseUri: string,
): (operation: MockOperation) => DocumentOperation | undefined {
  const items = new Map<string, Node>();
  const prefixes = ['', ...serverPaths(document)];
  for (const prefix of prefixes) {
    for (const [path, value] of Object.entries(document.paths as Node)) {
      const item = follow(document, value);
      const shape = shapeOf(prefix + path);
      if (item !== undefined && !items.has(shape)) items.set(shape, item);
    }
  }
  const own = ['', pathOf(baseUri)];
  return ({ method, path }) => {
    const [unlabelled = ''] = path.split('#', 1);
    const [bare = ''] = unlabelled.split('?', 1);
    for (const text of [path, unlabelled, bare]) {
      for (const prefix of own) {
        const item = items.get(shapeOf(prefix + text));
        const operation = item?.[method.toLowerCase()];
        if (item !== undefined && isRecord(operation)) return { item, operation };
      }
    }
    return undefined;
  };
}

const shapeOf = (path: string): string =>
  path.replace(/\{\{[^{}]*\}\}|\{[^{}]*\}/g, '{}').replace(/(?<=.)\/$/, '');

function serverPaths(document: Node): string[] {
  const servers = Array.isArray(document.servers) ? document.servers : [];
  const urls = servers.map((server) => (isRecord(server) ? pathOf(String(server.url ?? '')) : ''));
  return [pathOf(String(document.basePath ?? '')), ...urls].filter((path) => path !== '');
}

/** The path of an address without its last slash; an address may hold variables or be relative. */
const pathOf = (url: string): string => {
  const path = url.replace(/^[^/?#]*:\/\/[^/?#]*/, '').replace(/[?#].*$/, '');
  return path.replace(/\/+$/, '').replace(/^(?=[^/])/, '/');
};
