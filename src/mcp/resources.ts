import { type ErrorCode, type GatewayError, toGatewayError } from '../errors.ts';
import { listFolder, openInFolder } from '../files/folder.ts';
import { mediaTypeOf } from '../files/media-type.ts';
import type {
  DynamicResourcePlan,
  FolderResourcePlan,
  Outcome,
  ResourceDefinition,
  ResourcePlan,
  Values,
} from '../plan/plan.ts';
import { acceptInputs } from '../runtime/input.ts';
import type { CallContext, InputRequired, RunContext } from './conversation.ts';
import { dynamicContent } from './dynamic-content.ts';
import { didYouMean } from './nearest.ts';
import { byteContent, type Content } from './resource-content.ts';
import type { Mask } from './result.ts';
import { matchUri } from './uri-template.ts';

/**
 * Runs a resource's operation with the whole answer held in memory. `values` are accepted already.
 * @throws GatewayError
 */
export type ResourceRunner = (
  resource: DynamicResourcePlan,
  values: Values,
  context: RunContext,
) => Promise<Outcome>;

export interface ResourceOptions {
  /** Needed when a resource is dynamic. */
  readonly readResource?: ResourceRunner;
  readonly mask?: Mask;
  /** Told of failed reads, with `resource "<name>"`. */
  readonly onFailure?: (error: GatewayError, what?: string) => void;
  /** Bytes that a file may have to be read; 10 MiB when absent. */
  readonly maxFileBytes?: number;
  /** Bytes that an answer may have to become a blob; 10 MiB when absent. */
  readonly maxBinaryBytes?: number;
}

/** What `resources/list` says of one resource. */
export type ListedResource = ResourceDefinition & { readonly size?: number };

/** What `resources/templates/list` says of one template. */
export type ListedTemplate = Omit<ResourceDefinition, 'uri'> & { readonly uriTemplate: string };

export type ResourceContents = {
  readonly contents: readonly (Content & { readonly uri: string })[];
};

/**
 * A read that gave no content. `unknown`: no resource has the URI; `invalid`: its variables do not
 * fit; `failed`: it is there, but could not be read. Each protocol has its own code for these.
 */
export class ResourceError extends Error {
  readonly reason: 'unknown' | 'invalid' | 'failed';
  readonly data: { readonly uri: string; readonly code?: ErrorCode; readonly status?: number };

  constructor(reason: ResourceError['reason'], message: string, data: ResourceError['data']) {
    super(message);
    this.name = 'ResourceError';
    this.reason = reason;
    this.data = data;
  }
}

/** The resources of one MCP endpoint without any protocol. */
export interface ResourceCore {
  /** In file order; the files of a folder sorted by path. */
  list(): Promise<readonly ListedResource[]>;
  templates(): readonly ListedTemplate[];
  /** @throws ResourceError */
  read(uri: string, context: CallContext): Promise<ResourceContents | InputRequired>;
}

/** Longer URIs are no resource's; the limit keeps matching cheap. */
const LONGEST_URI = 8_192;

export function createResourceCore(
  plans: readonly ResourcePlan[],
  options: ResourceOptions,
): ResourceCore {
  const { mask = (text) => text, onFailure, maxFileBytes = 10 * 1024 * 1024 } = options;
  const templates = plans.flatMap((plan) => (isTemplate(plan) ? [templateOf(plan)] : []));
  const fixed = new Map<string, DynamicResourcePlan>();
  for (const plan of plans) {
    if (plan.kind !== 'dynamic' || plan.template !== undefined) continue;
    if (!fixed.has(plan.definition.uri)) fixed.set(plan.definition.uri, plan);
  }

  async function runDynamic(
    plan: DynamicResourcePlan,
    variables: ReadonlyMap<string, string>,
    { signal, account }: RunContext,
  ): Promise<Content> {
    if (options.readResource === undefined) {
      throw new TypeError('A dynamic resource needs readResource to be read.');
    }
    const { operation, definition } = plan;
    const values = acceptInputs(operation.inputs, ({ name }) => variables.get(name));
    return dynamicContent(
      await options.readResource(plan, values, { signal, account }),
      definition.mimeType,
      options.maxBinaryBytes,
    );
  }

  async function readFile(
    plan: FolderResourcePlan,
    segments: readonly string[],
    uri: string,
  ): Promise<Content | undefined> {
    const file = await openInFolder(plan.folder, segments);
    if (file === undefined) return undefined;
    try {
      if (file.size > maxFileBytes) throw tooLarge(uri, file.size, maxFileBytes);
      const bytes = await file.handle.readFile();
      if (bytes.length > maxFileBytes) throw tooLarge(uri, bytes.length, maxFileBytes);
      return byteContent(bytes, fileType(plan, segments.at(-1) as string));
    } finally {
      await file.handle.close();
    }
  }

  /** The content at `uri`, looked for among the fixed URIs, then in file order. */
  async function find(uri: string, context: RunContext): Promise<Content | undefined> {
    const exact = fixed.get(uri);
    if (exact !== undefined)
      return attempt(exact, uri, () => runDynamic(exact, new Map(), context));
    for (const plan of plans) {
      if (plan.kind === 'folder') {
        const segments = segmentsBelow(plan.definition.uri, uri);
        if (segments === undefined) continue;
        const content = await attempt(plan, uri, () => readFile(plan, segments, uri));
        if (content !== undefined) return content;
      } else if (plan.template !== undefined) {
        const variables = matchUri(plan.template, uri);
        if (variables === undefined) continue;
        return attempt(plan, uri, () => runDynamic(plan, variables, context));
      }
    }
    return undefined;
  }

  /** A folder that fails leaves the others in the list. */
  async function listed(plan: ResourcePlan): Promise<readonly ListedResource[]> {
    try {
      return await listOf(plan);
    } catch (thrown) {
      onFailure?.(toGatewayError(thrown), whatOf(plan));
      return [];
    }
  }

  async function attempt<T>(plan: ResourcePlan, uri: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof ResourceError) throw thrown;
      const error = toGatewayError(thrown);
      onFailure?.(error, whatOf(plan));
      throw failureOf(error, uri, mask);
    }
  }

  return {
    async list() {
      const entries = (await Promise.all(plans.map(listed))).flat();
      const byUri = new Map<string, ListedResource>();
      for (const entry of entries) if (!byUri.has(entry.uri)) byUri.set(entry.uri, entry);
      return [...byUri.values()];
    },
    templates: () => templates,
    async read(uri, { signal, account }) {
      const content = uri.length > LONGEST_URI ? undefined : await find(uri, { signal, account });
      if (content !== undefined) return { contents: [{ uri, ...content }] };
      const hint = didYouMean(uri, fixed.keys());
      const shown = mask(JSON.stringify(uri.slice(0, 200)));
      throw new ResourceError('unknown', `Unknown resource: ${shown}.${hint}`, {
        uri: mask(uri.slice(0, LONGEST_URI)),
      });
    },
  };
}

const whatOf = ({ definition }: ResourcePlan): string => `resource "${definition.name}"`;

const isTemplate = (plan: ResourcePlan): plan is DynamicResourcePlan =>
  plan.kind === 'dynamic' && plan.template !== undefined;

function templateOf({ definition }: DynamicResourcePlan): ListedTemplate {
  const { uri, ...rest } = definition;
  return { uriTemplate: uri, ...rest };
}

async function listOf(plan: ResourcePlan): Promise<readonly ListedResource[]> {
  const { definition } = plan;
  if (plan.kind === 'dynamic') return plan.template === undefined ? [definition] : [];
  const files = (await listFolder(plan.folder)) ?? [];
  return files.map(({ path, size }) => {
    const mimeType = fileType(plan, path);
    return {
      ...definition,
      uri: baseOf(definition.uri) + path.split('/').map(encodeURIComponent).join('/'),
      name: `${definition.name}/${path}`,
      ...(definition.title === undefined ? {} : { title: `${definition.title}: ${path}` }),
      ...(mimeType === undefined ? {} : { mimeType }),
      size,
    };
  });
}

const baseOf = (uri: string): string => (uri.endsWith('/') ? uri : `${uri}/`);

/** A file's own ending says more than what the file declares for the whole folder. */
const fileType = ({ definition }: FolderResourcePlan, path: string): string | undefined =>
  mediaTypeOf(path) ?? definition.mimeType;

/** The decoded parts of `uri` below a folder's URI, or undefined when it does not lie there. */
function segmentsBelow(folderUri: string, uri: string): readonly string[] | undefined {
  const base = baseOf(folderUri);
  if (!uri.startsWith(base)) return undefined;
  try {
    return uri.slice(base.length).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const tooLarge = (uri: string, size: number, limit: number): ResourceError =>
  new ResourceError(
    'failed',
    `The file has ${size} bytes, and at most ${limit} are read as a resource.`,
    { uri },
  );

/** The upstream's refusal names its status and keeps its body back: that is no content. */
function failureOf(error: GatewayError, uri: string, mask: Mask): ResourceError {
  const { upstreamStatus } = error.details;
  return new ResourceError(
    error.code === 'INPUT_INVALID' ? 'invalid' : 'failed',
    mask(`${error.code}: ${error.message}`),
    { uri: mask(uri), code: error.code, status: upstreamStatus ?? error.status },
  );
}
