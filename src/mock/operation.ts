import {
  type ConsumedAuthentication,
  type ConsumedOperation,
  type ConsumedParameter,
  type ConsumedResource,
  type ConsumesHttp,
  DEFAULT_METHOD,
} from '../document/document.ts';
import { matchQuery, matchSegments, type PathTemplate, readTemplate } from './template.ts';

/** One consumed operation as the mock serves it: what a request to it must look like. */
export interface MockOperation {
  /** `namespace.operation`. */
  readonly target: string;
  readonly method: string;
  /** As the file writes it. */
  readonly path: string;
  readonly template: PathTemplate;
  /** Block, resource and operation parameters; the nearest declaration of a place and name. */
  readonly parameters: readonly ConsumedParameter[];
  readonly authentication: ConsumedAuthentication | undefined;
  /** The written body of the operation, `body: {type, data}`. */
  readonly body: unknown;
  /** Content-Type is the file's or the caller's own choice. */
  readonly ownMediaType: boolean;
}

export interface Match {
  readonly operation: MockOperation;
  readonly variables: Readonly<Record<string, string>>;
}

export type Found =
  | { readonly kind: 'matches'; readonly matches: readonly Match[] }
  | { readonly kind: 'otherMethod'; readonly allow: readonly string[] }
  | { readonly kind: 'otherQuery'; readonly paths: readonly string[] }
  | { readonly kind: 'none' };

/** Every operation of the block, in file order. */
export function readOperations(consumes: ConsumesHttp): MockOperation[] {
  return (consumes.resources ?? []).flatMap((resource) =>
    (resource.operations ?? []).map((operation) => readOperation(consumes, resource, operation)),
  );
}

/**
 * Finds the operations a request may mean. Several match when paths differ only in their label
 * (`/#ListJobs`) or in how variables are glued (`{sha}` and `{sha}.{type}`): best first.
 */
export function findOperations(
  operations: readonly MockOperation[],
  method: string,
  segments: readonly string[],
  query: URLSearchParams,
): Found {
  const onPath: Match[] = [];
  for (const operation of operations) {
    const variables = matchSegments(operation.template, segments);
    if (variables !== undefined) onPath.push({ operation, variables });
  }
  if (onPath.length === 0) return { kind: 'none' };
  const exact = onPath.filter(({ operation }) => matchQuery(operation.template, query, NONE));
  const onQuery =
    exact.length > 0
      ? exact
      : onPath.filter(({ operation }) =>
          matchQuery(operation.template, query, queryNames(operation)),
        );
  if (onQuery.length === 0) {
    return { kind: 'otherQuery', paths: onPath.map(({ operation }) => operation.path) };
  }
  const onMethod = onQuery.filter(({ operation }) => operation.method === method);
  const served =
    onMethod.length === 0 && method === 'HEAD'
      ? onQuery.filter(({ operation }) => operation.method === 'GET')
      : onMethod;
  if (served.length === 0) return { kind: 'otherMethod', allow: allowed(onQuery) };
  return { kind: 'matches', matches: bestOf(served) };
}

const NONE: ReadonlySet<string> = new Set();

const queryNames = (operation: MockOperation): ReadonlySet<string> =>
  new Set(operation.parameters.filter(({ in: place }) => place === 'query').map((p) => p.name));

function allowed(matches: readonly Match[]): string[] {
  const methods = new Set(matches.map(({ operation }) => operation.method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods];
}

/** Literal segments beat variables from left to right; among equals more literal text comes first. */
function bestOf(matches: readonly Match[]): Match[] {
  const rank = ({ operation: { template } }: Match) =>
    template.segments.map(({ literal }) => (literal === undefined ? '0' : '1')).join('') +
    String(10_000 - template.query.length).padStart(5, '0');
  const weight = ({ operation: { template } }: Match) =>
    template.segments.reduce((sum, { literal }) => sum + (literal ?? 0), 0);
  const [best] = matches.map(rank).sort();
  return matches.filter((match) => rank(match) === best).sort((a, b) => weight(b) - weight(a));
}

function readOperation(
  consumes: ConsumesHttp,
  resource: ConsumedResource,
  operation: ConsumedOperation,
): MockOperation {
  const parameters = new Map<string, ConsumedParameter>();
  for (const [name, value] of Object.entries(consumes.headers ?? {})) {
    parameters.set(`header ${name.toLowerCase()}`, { name, in: 'header', value });
  }
  for (const list of [
    consumes.inputParameters,
    resource.inputParameters,
    operation.inputParameters,
  ]) {
    for (const parameter of list ?? []) {
      const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
      parameters.set(`${parameter.in} ${name}`, parameter);
    }
  }
  return {
    target: `${consumes.namespace}.${operation.name}`,
    method: (operation.method ?? DEFAULT_METHOD).toUpperCase(),
    path: resource.path,
    template: readTemplate(resource.path),
    parameters: [...parameters.values()],
    authentication: operation.authentication === 'none' ? undefined : consumes.authentication,
    body: operation.body,
    ownMediaType: parameters.has('header content-type'),
  };
}
