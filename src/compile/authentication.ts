import type { AuthContext } from '../auth/field.ts';
import { compileOutbound } from '../auth/outbound.ts';
import type { Authentication, CallerAuthentication, ConsumesHttp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { OutboundPlan, SessionEndPlan } from '../plan/outbound.ts';
import type { SessionFacts } from '../plan/plan.ts';
import { withBraces } from './bare-variable.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { tagsIn } from './data.ts';
import { isHeaderName, isManagedHeader } from './headers.ts';
import { BINDS_ONLY, compileText } from './text.ts';

/** The credential of a consumes block as constants: what it adds to each request. */
export interface CompiledAuthentication {
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
  /** A credential that has to be worked out when a request is sent. */
  readonly outbound?: OutboundPlan;
  /** Operations that are sent without it: those that log in. */
  readonly bare?: ReadonlySet<ConsumedTarget>;
  /** Operations that end the session. */
  readonly ending?: {
    readonly targets: ReadonlySet<ConsumedTarget>;
    readonly outbound: SessionEndPlan;
  };
  readonly facts?: SessionFacts;
  /** What each caller gives. */
  readonly caller?: CallerCredential;
}

export interface CallerCredential {
  /** Of the header over REST, and of the input of a tool. */
  readonly input: string;
  readonly in: 'header' | 'query';
  readonly name: string;
  /** What is sent, around `{{credential}}`. */
  readonly text: string;
  readonly required: boolean;
  readonly description: string;
  readonly pointer: string;
}

export const NO_CREDENTIAL: CompiledAuthentication = { headers: [], query: [] };

/** What of the credential of its block one operation is sent with. */
export function authenticationOf(target: ConsumedTarget): CompiledAuthentication {
  const { authentication } = target.block;
  if (target.operation.authentication === 'none' || authentication.bare?.has(target) === true)
    return NO_CREDENTIAL;
  const { ending } = authentication;
  return ending?.targets.has(target) === true
    ? { ...NO_CREDENTIAL, outbound: ending.outbound }
    : authentication;
}

/** The credential of a consumes block, from binds. What is missing, empty or cannot be sent is reported, never sent. */
export function compileAuthentication(
  compilation: Compilation,
  consumes: ConsumesHttp,
  blockPointer: string,
): CompiledAuthentication {
  const { authentication } = consumes;
  // A session is made of operations, which are compiled later.
  if (authentication === undefined || authentication.type === 'session') return NO_CREDENTIAL;
  const pointer = pointerOf(blockPointer, 'authentication');
  if (authentication.type === 'caller')
    return callerCredential(compilation, authentication, pointer);
  const field: ReadField = (name, text, mayBeEmpty) =>
    readField(compilation, authentication.type, pointer, name, text, mayBeEmpty ?? false);
  const credential = credentialOf(compilation, authentication, pointer, field);
  for (const [name] of credential.headers) {
    if (isHeaderName(name) && !isManagedHeader(name)) continue;
    compilation.report(
      'AUTHENTICATION_INCOMPLETE',
      pointerOf(pointer, 'key'),
      `The credential cannot be sent in a header "${name}": it is no header name, or the gateway sets that header itself.`,
    );
    return NO_CREDENTIAL;
  }
  return credential;
}

type ReadField = (
  name: string,
  text: string | undefined,
  mayBeEmpty?: boolean,
) => string | undefined;

function credentialOf(
  compilation: Compilation,
  authentication: Authentication,
  pointer: string,
  field: ReadField,
): CompiledAuthentication {
  switch (authentication.type) {
    case 'bearer': {
      const token = field('token', authentication.token);
      return token === undefined ? NO_CREDENTIAL : inHeader('authorization', `Bearer ${token}`);
    }
    case 'basic': {
      // Some APIs take a key as the name with an empty password, or the other way round.
      const username = field('username', authentication.username, authentication.password !== '');
      const password = field('password', authentication.password, authentication.username !== '');
      if (username === undefined || password === undefined) return NO_CREDENTIAL;
      if (username.includes(':')) {
        compilation.report(
          'AUTHENTICATION_INCOMPLETE',
          pointerOf(pointer, 'username'),
          'A user name cannot hold a colon, which ends it in the header.',
        );
        return NO_CREDENTIAL;
      }
      const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
      compilation.secrets.add(encoded);
      return inHeader('authorization', `Basic ${encoded}`);
    }
    case 'apikey': {
      const key = field('key', authentication.key ?? authentication.name);
      const value = field('value', authentication.value);
      if (key === undefined || value === undefined) return NO_CREDENTIAL;
      const inQuery = (authentication.placement ?? authentication.in) === 'query';
      return inQuery ? { headers: [], query: [[key, value]] } : inHeader(key.toLowerCase(), value);
    }
    default: {
      const outbound = compileOutbound(authentication, pointer, authContext(compilation));
      // The mock knows no authorization server, and gives no challenge.
      if (outbound === undefined || compilation.options.inventVariables === true)
        return NO_CREDENTIAL;
      return { ...NO_CREDENTIAL, outbound };
    }
  }
}

/** What stands for the caller's credential in the text that is sent. */
export const CREDENTIAL_TAG = 'credential';

function callerCredential(
  compilation: Compilation,
  authentication: CallerAuthentication,
  pointer: string,
): CompiledAuthentication {
  const { header, key = header, placement = 'header', required = true } = authentication;
  const { value = `{{${CREDENTIAL_TAG}}}`, description } = authentication;
  const incomplete = (field: string, message: string): CompiledAuthentication => {
    compilation.report('AUTHENTICATION_INCOMPLETE', pointerOf(pointer, field), message);
    return NO_CREDENTIAL;
  };
  for (const [field, name] of [
    ['header', header],
    ...(placement === 'header' ? [['key', key]] : []),
  ] as const) {
    if (isHeaderName(name as string) && !isManagedHeader(name as string)) continue;
    return incomplete(
      field as string,
      `The credential cannot travel in a header "${name}": it is no header name, or it belongs to the connection.`,
    );
  }
  if (!tagsIn(value).has(CREDENTIAL_TAG)) {
    return incomplete(
      'value',
      `"value" has no {{${CREDENTIAL_TAG}}} in it, so nothing of what a caller gives would be sent.`,
    );
  }
  const caller: CallerCredential = {
    input: header,
    in: placement,
    name: placement === 'header' ? key.toLowerCase() : key,
    text: value,
    required,
    description:
      description ??
      `Your own credential for ${compilation.document.info?.label ?? 'the API'}. It is sent to the API alone.`,
    pointer: pointerOf(pointer, authentication.value === undefined ? 'header' : 'value'),
  };
  return { ...NO_CREDENTIAL, caller };
}

const authContext = (compilation: Compilation): AuthContext => ({
  secrets: compilation.secrets,
  report: (code, pointer, message) => compilation.report(code, pointer, message),
  fill(text, pointer) {
    const meant = withBraces(compilation, text, pointer);
    const value = compileText(compilation, meant, pointer, BINDS_ONLY);
    return value !== undefined && 'constant' in value ? String(value.constant) : undefined;
  },
});

const inHeader = (name: string, value: string): CompiledAuthentication => ({
  headers: [[name, value]],
  query: [],
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a credential may not hold
const UNSENDABLE = /[\0-\x1f\x7f]|\p{Surrogate}/u;

function readField(
  compilation: Compilation,
  type: string,
  pointer: string,
  name: string,
  text: string | undefined,
  mayBeEmpty: boolean,
): string | undefined {
  const incomplete = (at: string, message: string): undefined =>
    compilation.report('AUTHENTICATION_INCOMPLETE', at, message) as undefined;
  if (text === '' && mayBeEmpty) return text;
  if (text === undefined || text === '') {
    return incomplete(
      pointer,
      `Authentication of type ${type} needs "${name}", which is missing or empty.`,
    );
  }
  const at = pointerOf(pointer, name);
  const value = compileText(compilation, withBraces(compilation, text, at), at, BINDS_ONLY);
  if (value === undefined || !('constant' in value)) return undefined;
  const constant = String(value.constant);
  // What is written in the file is the author's own secret; it is masked like a bound one.
  if (name !== 'key' && name !== 'username') compilation.secrets.add(constant);
  if (constant.trim() === '')
    return incomplete(at, `"${name}" is empty once its variables are filled in.`);
  if (UNSENDABLE.test(constant)) {
    return incomplete(
      at,
      `"${name}" cannot be sent: it holds a line break or another control character. Check the variable it comes from for a stray line break.`,
    );
  }
  return constant;
}
