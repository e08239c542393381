import type { SessionPlan } from '../plan/outbound.ts';
import type { SendOptions, UpstreamResponse } from '../plan/plan.ts';
import { orAbort } from './or-abort.ts';
import type { Request } from './repeat.ts';
import { askForSession, type Grant } from './session-login.ts';
import { withSession } from './session-request.ts';

export interface SessionOptions {
  /** Sends what logs in, which may need a credential of another kind itself. */
  readonly send: (request: Request, how: SendOptions) => Promise<UpstreamResponse>;
  readonly now: () => number;
  /** Told what must never be shown from then on. */
  readonly learn: (owner: object, secrets: readonly string[]) => void;
  /** Sessions that other gateways have opened. */
  readonly shared?: SharedGrants | undefined;
}

/** None of it ever fails: a session that cannot be found is opened. */
export interface SharedGrants {
  read(plan: SessionPlan): Promise<Grant | undefined>;
  write(plan: SessionPlan, grant: Grant, now: number): Promise<void>;
  forget(plan: SessionPlan): Promise<void>;
}

/** The one session of an API: opened when it is needed, and by one request however many wait. */
export interface SessionKeeper {
  /**
   * The session. Nobody waits for one that is renewed early, while the old one lasts.
   * @throws GatewayError that of the login; of one that failed just now without another try
   */
  get(signal?: AbortSignal): Promise<Grant>;
  /** A session other than `refused`. */
  renew(refused: Grant, signal?: AbortSignal): Promise<Grant>;
  /** Another session is opened for the next request. */
  drop(refused: Grant): void;
  /** The session there is, which may have ended. */
  peek(): Grant | undefined;
  forget(): void;
}

/** After a login that failed; doubled each time, for an API may lock out who is wrong too often. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export function createSessionKeeper(plan: SessionPlan, options: SessionOptions): SessionKeeper {
  const { now, send, learn, shared } = options;
  let current: Grant | undefined;
  /** The last one, which may be renewed though it is refused. */
  let last: Grant | undefined;
  /** One that the API has refused, whoever has it still. */
  let unfit: Grant | undefined;
  let attempt: Promise<Grant> | undefined;
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  let failures = 0;
  /** Counts how often the session was forgotten. */
  let age = 0;

  function open(): Promise<Grant> {
    attempt ??= start().finally(() => {
      attempt = undefined;
    });
    return attempt;
  }

  async function start(): Promise<Grant> {
    const begun = age;
    try {
      const grant = (await theirs()) ?? (await ours());
      failure = undefined;
      failures = 0;
      learn(plan, secretsOf(grant));
      if (age === begun) {
        current = grant;
        last = grant;
      }
      return grant;
    } catch (error) {
      const pause = Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
      failures += 1;
      failure = { error, until: now() + pause };
      throw error;
    }
  }

  const asking = { plan, known: {}, send, now };

  async function ours(): Promise<Grant> {
    const grant = (await refreshed()) ?? (await askForSession({ ...asking, call: plan.login }));
    await shared?.write(plan, grant, now());
    return grant;
  }

  /** A session that another gateway has opened, unless it is the one that is to be replaced. */
  async function theirs(): Promise<Grant | undefined> {
    const grant = await shared?.read(plan);
    if (grant === undefined || now() >= grant.renewal) return undefined;
    return [unfit, current].some((each) => isSame(grant, each)) ? undefined : grant;
  }

  /** undefined where there is nothing to renew, or the API renews it no more. */
  async function refreshed(): Promise<Grant | undefined> {
    const { refresh } = plan;
    const old = last;
    if (refresh === undefined || old === undefined) return undefined;
    last = undefined;
    const sendWithOld: SessionOptions['send'] = (request, how) =>
      send(refresh.bare ? request : withSession(request, old), how);
    try {
      return await askForSession({
        ...asking,
        call: refresh,
        known: old.values,
        send: sendWithOld,
      });
    } catch {
      return undefined;
    }
  }

  async function get(signal?: AbortSignal): Promise<Grant> {
    const time = now();
    if (current !== undefined && time < current.expires) {
      if (time >= current.renewal && !isPaused(time)) open().catch(() => {});
      return current;
    }
    if (attempt === undefined && isPaused(time)) throw failure?.error;
    return orAbort(open, signal);
  }

  const isPaused = (time: number): boolean => failure !== undefined && time < failure.until;

  function drop(refused: Grant): void {
    unfit = refused;
    if (current === refused) current = undefined;
  }

  return {
    get,
    drop,
    renew(refused, signal) {
      drop(refused);
      return get(signal);
    },
    peek: () => current,
    forget() {
      age += 1;
      current = undefined;
      last = undefined;
      void shared?.forget(plan);
    },
  };
}

const isSame = (one: Grant, other: Grant | undefined): boolean =>
  other !== undefined && JSON.stringify(one.shown) === JSON.stringify(other.shown);

/** Words that are too short would take ordinary ones with them. */
const SHORTEST_WORD = 8;

/** The values, and what they were made into. */
function secretsOf({ values, shown }: Grant): string[] {
  const texts = Object.values(values).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  const words = shown.flatMap(({ in: place, text }) =>
    place === 'header' ? text.split(/\s+/) : [text.slice(text.indexOf('=') + 1)],
  );
  return [...texts, ...words.filter((word) => word.length >= SHORTEST_WORD)];
}
