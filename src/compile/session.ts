import type { SessionAuthentication } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { SessionCall, SessionInjection, SessionPlan } from '../plan/outbound.ts';
import type { SessionFacts } from '../plan/plan.ts';
import { type CompiledAuthentication, NO_CREDENTIAL } from './authentication.ts';
import type { Compilation } from './compilation.ts';
import type { CompiledConsumes, ConsumedTarget } from './consumes.ts';
import { encodeCookie, encodeHeader, queryEncoder } from './encode.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import type { TargetIndex } from './link.ts';
import {
  compileExpiry,
  compileSuccess,
  compileValues,
  readSpan,
  refuseSpan,
} from './session-answer.ts';
import { compileOwnCall, findOperation, readCall, type WrittenCall } from './session-call.ts';
import { compileText, type Names } from './text.ts';

/**
 * The session of a consumes block. The block has no credential while this runs, so that what logs in
 * is sent without one.
 */
export function compileSession(
  compilation: Compilation,
  targets: TargetIndex,
  block: CompiledConsumes,
  written: SessionAuthentication,
): CompiledAuthentication {
  const pointer = pointerOf(block.pointer, 'authentication');
  const names = Object.keys(written.values);
  const login = ownCall('login', { unknown: UNKNOWN_AT_LOGIN });
  const refresh = ownCall('refresh', sessionNames(names));
  const logout = logoutTargets(compilation, targets, block, written, pointer);
  const inject = compileInjections(compilation, written, names, pointer);
  const renewOn = readRenewOn(written);
  const renewEarly = readRenewEarly(compilation, written, pointer);

  function ownCall(
    key: 'login' | 'refresh',
    known: Names,
  ): { readonly target: ConsumedTarget; readonly call: SessionCall | undefined } | undefined {
    const call = readCall({ ...written }, key, pointer);
    const target = call && findOperation(compilation, targets, block, call.operation, call.pointer);
    if (call === undefined || target === undefined) return undefined;
    if (!mayLogIn(compilation, block, target, call)) return undefined;
    const step = compileOwnCall(compilation, target, call, known);
    const { success, values, expires } = compileAnswer(compilation, written, key, pointer);
    if (step === undefined) return { target, call: undefined };
    return { target, call: { step, success, values, ...(expires && { expires }) } };
  }

  const facts = factsOf(written, login?.target, refresh?.target, logout, [...renewOn.keys()]);
  const bare = new Set(login === undefined ? [] : [login.target]);
  // The mock knows no session.
  if (login?.call === undefined || compilation.options.inventVariables === true)
    return { ...NO_CREDENTIAL, bare, facts };
  const session: SessionPlan = {
    type: 'session',
    login: login.call,
    ...(refresh?.call === undefined
      ? {}
      : { refresh: { ...refresh.call, bare: isBare(block, refresh.target) } }),
    inject,
    ...(renewEarly === undefined ? {} : { renewEarly }),
    renewOn,
  };
  const ending = { targets: new Set(logout), outbound: { type: 'session-end', session } as const };
  return { ...NO_CREDENTIAL, outbound: session, bare, ending, facts };
}

const UNKNOWN_AT_LOGIN =
  'no bind of this file gives it, and no caller is there when a session logs in. Add it to the keys of a bind.';

/** `{{session.name}}`, then variables of binds. */
function sessionNames(names: readonly string[]): Names {
  return {
    before(name): Value | undefined {
      const own = name.startsWith('session.') ? name.slice('session.'.length) : undefined;
      if (own === undefined || !names.includes(own)) return undefined;
      return { read: ({ input }) => input[own] };
    },
    unknown: `it is neither a value of this session (${names.map((name) => `session.${name}`).join(', ')}) nor a variable of a bind.`,
  };
}

const isBare = (block: CompiledConsumes, target: ConsumedTarget): boolean =>
  target.block !== block || target.operation.authentication === 'none';

/** What logs in cannot itself wait for a login, or for a caller. */
function mayLogIn(
  compilation: Compilation,
  block: CompiledConsumes,
  target: ConsumedTarget,
  { pointer }: WrittenCall,
): boolean {
  const type = target.block.consumes.authentication?.type;
  const isOwn = target.block === block || target.operation.authentication === 'none';
  if (isOwn || (type !== 'session' && type !== 'caller')) return true;
  compilation.report(
    'VALUE_NOT_ALLOWED',
    pointer,
    `${target.id} needs a credential of type ${type} itself, so it cannot log in for another API. Say authentication: none of it, or choose an operation without one.`,
  );
  return false;
}

function compileAnswer(
  compilation: Compilation,
  written: SessionAuthentication,
  key: 'login' | 'refresh',
  pointer: string,
): Omit<SessionCall, 'step'> {
  const { refresh } = written;
  const other = key === 'refresh' && typeof refresh === 'object' ? refresh.values : undefined;
  const expires = compileExpiry(compilation, written, pointer);
  return {
    success: compileSuccess(compilation, written.success, pointerOf(pointer, 'success')),
    values:
      other === undefined
        ? compileValues(compilation, written.values, pointerOf(pointer, 'values'))
        : compileValues(compilation, other, pointerOf(pointer, 'refresh', 'values')),
    ...(expires === undefined ? {} : { expires }),
  };
}

function logoutTargets(
  compilation: Compilation,
  targets: TargetIndex,
  block: CompiledConsumes,
  { logout }: SessionAuthentication,
  pointer: string,
): readonly ConsumedTarget[] {
  const isList = Array.isArray(logout);
  const names = logout === undefined ? [] : ([logout].flat() as readonly string[]);
  return names.flatMap((name, index) => {
    const at = isList ? pointerOf(pointer, 'logout', index) : pointerOf(pointer, 'logout');
    const target = findOperation(compilation, targets, block, name, at);
    if (target === undefined || target.block === block) return target ?? [];
    compilation.report(
      'VALUE_NOT_ALLOWED',
      at,
      `${target.id} is no operation of ${block.consumes.namespace}, whose session it should end.`,
    );
    return [];
  });
}

function compileInjections(
  compilation: Compilation,
  { inject }: SessionAuthentication,
  names: readonly string[],
  pointer: string,
): readonly SessionInjection[] {
  return inject.flatMap(({ in: place, name, value }, index): SessionInjection[] => {
    const at = pointerOf(pointer, 'inject', index);
    if (place === 'header' && (!isHeaderName(name) || isManagedHeader(name))) {
      compilation.report(
        'AUTHENTICATION_INCOMPLETE',
        pointerOf(at, 'name'),
        `The session cannot be sent in a header "${name}": it is no header name, or the gateway sets that header itself.`,
      );
      return [];
    }
    const known: Names = { ...sessionNames(names), fixed: true };
    const text = compileText(compilation, value, pointerOf(at, 'value'), known);
    if (text === undefined) return [];
    return [
      {
        in: place,
        name: place === 'header' ? name.toLowerCase() : name,
        write: writerOf(place, name, text),
      },
    ];
  });
}

/** Octets that stand in a cookie as they are: what an API gave as a cookie goes back unchanged. */
const COOKIE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

function writerOf(
  place: SessionInjection['in'],
  name: string,
  value: Value,
): SessionInjection['write'] {
  const read = readerOf(value);
  switch (place) {
    case 'header':
      return (scope, refuse) => encodeHeader(name, toText(read(scope)), (_, why) => refuse(why));
    case 'query': {
      const encode = queryEncoder(name, { style: 'form', explode: true });
      return (scope, refuse) => encode(toText(read(scope)), name, (_, why) => refuse(why));
    }
    case 'cookie':
      return (scope, refuse) => {
        const text = toText(read(scope));
        return COOKIE.test(text)
          ? `${name}=${text}`
          : encodeCookie(name, text, name, (_, why) => refuse(why));
      };
  }
}

function readRenewOn({ renewOn = [401] }: SessionAuthentication): SessionPlan['renewOn'] {
  return new Map(
    renewOn.map((entry) => {
      const { status, beforeActing = false } =
        typeof entry === 'number' ? { status: entry } : entry;
      // Who is asked for a credential has done nothing yet: that is what 401 means.
      return [status, { beforeActing: beforeActing || status === 401 }];
    }),
  );
}

function readRenewEarly(
  compilation: Compilation,
  { renewEarly }: SessionAuthentication,
  pointer: string,
): number | undefined {
  const span = renewEarly === undefined ? undefined : readSpan(renewEarly);
  if (renewEarly !== undefined && span === undefined)
    refuseSpan(compilation, renewEarly, pointerOf(pointer, 'renewEarly'));
  return span;
}

function factsOf(
  written: SessionAuthentication,
  login: ConsumedTarget | undefined,
  refresh: ConsumedTarget | undefined,
  logout: readonly ConsumedTarget[],
  renewOn: readonly number[],
): SessionFacts {
  return {
    login: login?.id ?? '',
    ...(refresh === undefined ? {} : { refresh: refresh.id }),
    ...(logout.length === 0 ? {} : { logout: logout.map(({ id }) => id) }),
    values: Object.keys(written.values),
    sent: written.inject.map(({ in: place, name }) => ({ in: place, name })),
    ...(written.expires === undefined ? {} : { expires: written.expires }),
    renewOn,
  };
}
