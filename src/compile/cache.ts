import type { Cache } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { BuildRequest, CachePlan, UpstreamRequest } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { readTime } from './span.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const LONGEST_MS = 24 * 3_600_000;

/**
 * Whether the answers to an operation are kept, and for how long: what it says itself, what its API
 * says of all that is read, else what the function says that calls it. undefined when nobody says.
 */
export function compileCache(
  compilation: Compilation,
  target: ConsumedTarget,
  caller?: Pick<ExposedSide, 'exposed' | 'pointer'>,
): CachePlan | 'never' | undefined {
  const { block, operation, method, pointer } = target;
  const isRead = SAFE_METHODS.has(method);
  const own = operation.cache;
  if (own !== undefined) {
    const at = pointerOf(pointer, 'cache');
    if (own === false) return 'never';
    if (isRead || method === 'POST') return planOf(compilation, target, own, at);
    compilation.report(
      'CACHE_INVALID',
      at,
      `${method} changes something, so each call of it is made. Keep answers of GET and HEAD, or of a POST that only looks something up.`,
    );
    return undefined;
  }
  const ofBlock = block.consumes.cache;
  if (ofBlock !== undefined && isRead) {
    if (ofBlock === false) return 'never';
    return planOf(compilation, target, ofBlock, pointerOf(block.pointer, 'cache'));
  }
  const { semantics } = caller?.exposed ?? {};
  if (caller === undefined || semantics?.cacheable !== true) return undefined;
  if (isRead || (method === 'POST' && semantics.safe === true))
    return kept(compilation, target, {});
  compilation.report(
    'CACHE_INVALID',
    pointerOf(caller.pointer, 'semantics', 'cacheable'),
    `The function calls ${target.id} by ${method}, and each such call is made. Answers of GET and HEAD are kept, and of a POST where the function says "safe: true".`,
    { severity: 'warning' },
  );
  return undefined;
}

function planOf(
  compilation: Compilation,
  target: ConsumedTarget,
  { ttl, stale }: Exclude<Cache, false>,
  pointer: string,
): CachePlan | undefined {
  const forMs = timeOf(compilation, ttl, pointerOf(pointer, 'ttl'));
  const staleMs = stale === undefined ? 0 : timeOf(compilation, stale, pointerOf(pointer, 'stale'));
  if (forMs === undefined || staleMs === undefined) return undefined;
  return kept(compilation, target, staleMs === 0 ? { forMs } : { forMs, staleMs });
}

function kept({ cached }: Compilation, { block, id }: ConsumedTarget, plan: CachePlan): CachePlan {
  cached.add(id);
  return block.consumes.forwardSetCookie === true ? { ...plan, setsCookies: true } : plan;
}

function timeOf(
  compilation: Compilation,
  written: string | number,
  pointer: string,
): number | undefined {
  const ms = readTime(written);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
  compilation.report(
    'CACHE_INVALID',
    pointer,
    `"${written}" is no time that an answer can be kept. Write one up to 24h, such as 30s, 5m or PT1H.`,
  );
  return undefined;
}

/** Requests that say what is done with their answers. */
export function withCache(
  cache: CachePlan | 'never' | undefined,
  build: BuildRequest,
): BuildRequest {
  if (cache === undefined) return build;
  const marked = new WeakMap<UpstreamRequest, UpstreamRequest>();
  return function buildKept(scope) {
    const built = build(scope);
    // A request without inputs is one object always.
    if (!Object.isFrozen(built)) return { ...built, cache };
    const request = marked.get(built) ?? Object.freeze({ ...built, cache });
    marked.set(built, request);
    return request;
  };
}
