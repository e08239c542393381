import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const shared = join(import.meta.dirname, '../../../shared');

/** The folder of the published tutorial. */
export const tutorial = join(shared, 'reference/tutorial');

/** For the options of a test: the tutorial lies beside the project, not in it. */
export const skip = existsSync(shared) ? false : `there is no folder ${shared}`;

export type ApiName = 'registry' | 'legacy';

interface Response {
  readonly content: Readonly<Record<string, MediaType>>;
}

interface MediaType {
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly requestBody?: Response;
  readonly responses: Readonly<Record<string, Response>>;
  readonly 'x-microcks-operation'?: {
    readonly dispatcher: string;
    readonly dispatcherRules: string;
  };
}

type Scheme =
  | { readonly type: 'http'; readonly scheme: 'bearer' }
  | { readonly type: 'apiKey'; readonly in: 'header'; readonly name: string };

export interface ApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, Scheme>> };
}

const FILES: Readonly<Record<ApiName, string>> = {
  registry: 'naftiko-shipyard-maritime-registry-api.yaml',
  legacy: 'naftiko-shipyard-legacy-dockyard-api.yaml',
};

const documents = new Map<ApiName, ApiDocument>();

/** The OpenAPI document of a consumed API, the same object each time: it is not to be changed. */
export function documentOf(api: ApiName): ApiDocument {
  const path = join(tutorial, 'upstreams', FILES[api]);
  const document = documents.get(api) ?? (parse(readFileSync(path, 'utf8')) as ApiDocument);
  documents.set(api, document);
  return document;
}

/**
 * The value of a named example of a response.
 * @param operation `METHOD /path`, the path as the document has it
 */
export function exampleOf<T>(api: ApiName, operation: string, status: number, name: string): T {
  return named(operationOf(api, operation).responses[status], name) as T;
}

/** The value of a named example of a request body. */
export function bodyExampleOf<T>(api: ApiName, operation: string, name: string): T {
  return named(operationOf(api, operation).requestBody, name) as T;
}

/** The secrets that the tutorial's binds read. */
export function readSecrets(): Readonly<Record<string, string>> {
  return parse(readFileSync(join(tutorial, 'shared/secrets.yaml'), 'utf8')) as Record<
    string,
    string
  >;
}

function operationOf(api: ApiName, operation: string): Operation {
  const [method = '', path = ''] = operation.split(' ');
  const found = documentOf(api).paths[path]?.[method.toLowerCase()];
  assert.ok(found !== undefined, `the document of ${api} has no ${operation}`);
  return found;
}

function named(part: Response | undefined, name: string): unknown {
  const [media] = Object.values(part?.content ?? {});
  const example = media?.examples[name];
  assert.ok(example !== undefined, `the document has no example ${name}`);
  return example.value;
}
