import type { IncomingHttpHeaders } from 'node:http';
import { type Context, type Document, OpenAPIBackend } from 'openapi-backend';
import { type Closer, type RecordedRequest, startUpstream } from '../support/upstream.ts';
import { type ApiDocument, type ApiName, documentOf, type Operation } from './documents.ts';

export interface Received {
  readonly api: ApiName;
  /** `METHOD /path?query`, without the path of the base URI. */
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON; undefined without one. */
  readonly body: unknown;
  /** Of the answer. */
  readonly status: number;
}

export interface TutorialApi {
  readonly baseUri: string;
  /** What was received and answered, oldest first. */
  readonly received: readonly Received[];
}

export interface ApiOptions {
  /** The one token or key that is taken. */
  readonly credential: string;
  /** Takes requests that bring no credential at all, too. */
  readonly open?: boolean;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/**
 * Serves one API of the tutorial as its OpenAPI document describes it, until the test ends. It takes
 * nothing else: 401 for a wrong credential, 404 and 405 for what the document does not name, 400 for
 * a path, query, header or body that is not of the document's schema, 415 for a body that is not JSON.
 */
export async function startApi(
  t: Closer,
  name: ApiName,
  options: ApiOptions,
): Promise<TutorialApi> {
  const { backend, root } = await backendOf(name);
  const received: Received[] = [];
  const { origin } = await startUpstream(t, async (request, response) => {
    const { status, type, body } = await answer(backend, request, options);
    const call = `${request.method} ${request.url.replace(root, '')}`;
    received.push({ api: name, call, headers: request.headers, body: jsonOf(request), status });
    response.writeHead(status, { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return { baseUri: origin + root, received };
}

interface Backend {
  readonly backend: OpenAPIBackend;
  /** The path of the base URI. */
  readonly root: string;
}

/** Made once for all tests, as it is slow to make and keeps nothing of a request. */
const backends = new Map<ApiName, Promise<Backend>>();

function backendOf(name: ApiName): Promise<Backend> {
  const known = backends.get(name) ?? createBackend(structuredClone(documentOf(name)));
  backends.set(name, known);
  return known;
}

async function answer(
  backend: OpenAPIBackend,
  request: RecordedRequest,
  options: ApiOptions,
): Promise<Reply> {
  const isJson = /^application\/json(;|$)/.test(request.headers['content-type'] ?? '');
  if (request.body !== '' && !isJson) return refusal(415, 'the body is not declared to be JSON');
  const [path = '', query = ''] = request.url.split('?', 2);
  const asked = {
    method: request.method,
    path,
    query,
    headers: request.headers as Record<string, string | string[]>,
    ...(request.body === '' ? {} : { body: request.body }),
  };
  return backend.handleRequest(asked, options);
}

async function createBackend(document: ApiDocument): Promise<Backend> {
  const root = new URL(document.servers[0]?.url ?? '').pathname;
  const backend = new OpenAPIBackend({
    definition: document as unknown as Document,
    apiRoot: root,
    strict: true,
    handlers: {
      notFound: () => refusal(404, 'the document has no such path'),
      methodNotAllowed: () => refusal(405, 'the document has no such method'),
      unauthorizedHandler: () => refusal(401, 'the credential is missing or wrong'),
      validationFail: ({ validation }) => refusal(400, JSON.stringify(validation.errors)),
      notImplemented: reply,
    },
  });
  await backend.init();
  for (const name of Object.keys(document.components.securitySchemes)) {
    backend.registerSecurityHandler(name, ({ request }, options: ApiOptions) =>
      isAuthorized(document, name, request.headers, options),
    );
  }
  return { backend, root };
}

function isAuthorized(
  document: ApiDocument,
  scheme: string,
  headers: Readonly<Record<string, string | string[]>>,
  { credential, open = false }: ApiOptions,
): boolean {
  const declared = document.components.securitySchemes[scheme];
  const isKey = declared?.type === 'apiKey';
  const sent = headers[isKey ? declared.name.toLowerCase() : 'authorization'];
  return sent === undefined ? open : sent === (isKey ? credential : `Bearer ${credential}`);
}

/** The example that the document keeps for such a request, else its 404. */
function reply(context: Context): Reply {
  const operation = context.operation as unknown as Operation;
  const { operationId, responses } = operation;
  const [code = ''] = Object.keys(responses).filter((each) => each.startsWith('2'));
  const [[type, { examples }] = ['', { examples: {} }]] = Object.entries(
    responses[code]?.content ?? {},
  );
  const example = chooseExample(operation, context.request, Object.keys(examples));
  const { status, mock } = context.api.mockResponseForOperation(operationId, {
    code: example === undefined ? 404 : Number(code),
    mediaType: type,
    ...(example === undefined ? {} : { example }),
  });
  return { status, type, body: fill(mock, context.request.requestBody) };
}

/** Follows the notes that the document keeps of which example answers what. */
function chooseExample(
  { 'x-microcks-operation': notes }: Operation,
  { params, query }: Context['request'],
  names: readonly string[],
): string | undefined {
  if (notes === undefined) return names[0];
  const nested = notes.dispatcher === 'FALLBACK';
  const rules = nested ? JSON.parse(notes.dispatcherRules) : notes;
  const key: string = rules.dispatcherRules;
  const values = rules.dispatcher === 'URI_PARTS' ? params : query;
  const mark = rules.dispatcher === 'URI_PARTS' ? '/' : '?';
  const wanted = `${mark}${key}=${[(values as Record<string, string | string[]>)[key]].flat()[0]}`;
  return names.includes(wanted) ? wanted : rules.fallback;
}

/** Puts members of the request's body where an example asks for them. */
function fill(example: unknown, body: unknown): unknown {
  if (typeof example !== 'object') return example;
  return JSON.parse(JSON.stringify(example), (_, value: unknown) => {
    const [, member] = /^\{\{ request\.body\/(\w+) \}\}$/.exec(String(value)) ?? [];
    return member === undefined ? value : (body as Record<string, unknown>)[member];
  });
}

const refusal = (status: number, message: string): Reply => ({
  status,
  type: 'application/json',
  body: { error: 'refused', message },
});

function jsonOf({ body }: RecordedRequest): unknown {
  try {
    return body === '' ? undefined : JSON.parse(body);
  } catch {
    return body;
  }
}
