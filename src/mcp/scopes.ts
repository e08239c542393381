import { isRecord } from '../json.ts';
import type { ResourcePlan, ToolPlan } from '../plan/plan.ts';
import type { Caller } from './conversation.ts';
import type { Params } from './params.ts';
import { RpcError, type RpcId, SERVER_ERROR } from './rpc-error.ts';
import type { McpToolset, ToolCore } from './tools.ts';
import { matchUri } from './uri-template.ts';
import { MOST_WANTED } from './wanting.ts';

/** The scopes that a method with such params needs. */
export type Demands = (method: string, params: Params) => readonly string[];

/** @param named the tool that a call of a name runs */
export function createDemands(
  { resources = [], prompts = [] }: McpToolset,
  named: (name: string) => ToolPlan | undefined,
): Demands {
  const ofPrompt = (name: unknown): readonly string[] =>
    prompts.find(({ definition }) => definition.name === name)?.scopes ?? [];
  const ofTemplate = (uri: unknown): readonly string[] =>
    resources.find(({ definition }) => definition.uri === uri)?.scopes ?? [];
  const ofUris = (uris: unknown): readonly string[] =>
    // More than these are refused, whoever names them.
    Array.isArray(uris)
      ? uris.slice(0, MOST_WANTED).flatMap((uri) => scopesAt(resources, uri))
      : [];

  return function demands(method, params) {
    switch (method) {
      case 'tools/call':
        return (typeof params.name === 'string' && named(params.name)?.scopes) || [];
      case 'prompts/get':
        return ofPrompt(params.name);
      case 'resources/read':
      case 'resources/subscribe':
        return ofUris([params.uri]);
      case 'subscriptions/listen':
        return ofUris(isRecord(params.notifications) && params.notifications.resourceSubscriptions);
      case 'completion/complete': {
        const { type, name, uri } = isRecord(params.ref) ? params.ref : {};
        return type === 'ref/prompt' ? ofPrompt(name) : ofTemplate(uri);
      }
      default:
        return [];
    }
  };
}

/**
 * Of all resources that may have a URI: which of them it is shows only when it is read. What lies
 * below a folder needs the scopes of the folder, whether or not there is such a file.
 */
function scopesAt(resources: readonly ResourcePlan[], uri: unknown): readonly string[] {
  if (typeof uri !== 'string') return [];
  const exact = resources.find((plan) => !isPattern(plan) && plan.definition.uri === uri);
  if (exact !== undefined) return exact.scopes ?? [];
  return resources.flatMap((plan) => (covers(plan, uri) ? (plan.scopes ?? []) : []));
}

const isPattern = (plan: ResourcePlan): boolean =>
  plan.kind === 'folder' || plan.template !== undefined;

function covers(plan: ResourcePlan, uri: string): boolean {
  if (plan.kind === 'folder') return uri.startsWith(plan.definition.uri.replace(/\/?$/, '/'));
  return plan.template !== undefined && matchUri(plan.template, uri) !== undefined;
}

/**
 * @param message of JSON-RPC; what is none demands nothing
 * @throws RpcError with status 403 and a challenge that names all scopes the request needs
 */
export function requireScopes(
  core: Pick<ToolCore, 'demands'>,
  message: unknown,
  { scopes, stepUp }: Caller,
): void {
  if (scopes === undefined || !isRecord(message)) return;
  const { id, method, params } = message;
  const needed = core.demands(String(method), isRecord(params) ? params : {});
  if (needed.every((scope) => scopes.has(scope))) return;
  const { message: why, challenges } = stepUp?.(needed) ?? {
    message: `This needs the scopes ${needed.join(' ')}.`,
    challenges: [],
  };
  throw new RpcError(SERVER_ERROR, why, {
    status: 403,
    id: typeof id === 'string' || typeof id === 'number' ? (id as RpcId) : undefined,
    headers: challenges.length === 0 ? {} : { 'www-authenticate': challenges },
    data: { code: 'SCOPE_INSUFFICIENT', scopes: needed },
  });
}

/** Whether the caller's scopes let him use all that is there. */
export function isUnlimited({ toolset }: Pick<ToolCore, 'toolset'>, { scopes }: Caller): boolean {
  if (scopes === undefined) return true;
  const { tools, resources = [], prompts = [] } = toolset;
  return [...tools, ...resources, ...prompts].every(({ scopes: needed = [] }) =>
    needed.every((scope) => scopes.has(scope)),
  );
}

/** Which request would use an entry of a list, by the method that lists it. */
const USES: Readonly<Record<string, (key: string) => readonly [method: string, params: Params]>> = {
  'tools/list': (name) => ['tools/call', { name }],
  'prompts/list': (name) => ['prompts/get', { name }],
  'resources/list': (uri) => ['resources/read', { uri }],
  'resources/templates/list': (uri) => ['completion/complete', { ref: { uri } }],
};

/** The entries of a list that the caller's scopes let him use; all of them where no token is read. */
export function within<Item>(
  core: Pick<ToolCore, 'demands'>,
  { scopes }: Caller,
  method: string,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] {
  const useOf = USES[method];
  if (scopes === undefined || useOf === undefined) return items;
  return items.filter((item) =>
    core.demands(...useOf(keyOf(item))).every((scope) => scopes.has(scope)),
  );
}
