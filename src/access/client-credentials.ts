import { GatewayError } from '../errors.ts';
import { createFetchJson, type FetchJson, type JsonAnswer } from './fetch-json.ts';
import { clientAuthorization } from './introspection.ts';
import { keepMetadata, type SourceOptions } from './kept.ts';
import { orAbort } from './or-abort.ts';

export interface ClientCredentialsOptions {
  /** Asked when a token is needed, so that it may come from discovery. */
  readonly tokenEndpoint: string | (() => Promise<string>);
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes?: readonly string[];
  readonly audience?: string;
  /** RFC 8707. */
  readonly resource?: string;
  /** Send the secret in the body rather than as Basic. */
  readonly secretInBody?: boolean;
  readonly fetchJson?: FetchJson;
  readonly now?: () => number;
}

/** The access token of a client, fetched when it is needed. */
export interface TokenSource {
  /**
   * The current token. One request serves all who wait; none is made before the token has nearly
   * expired, and then nobody waits for it. A failure is not kept.
   *
   * @throws GatewayError UPSTREAM_UNREACHABLE, UPSTREAM_REJECTED, UPSTREAM_UNUSABLE; CANCELLED when `signal` aborts
   */
  token(signal?: AbortSignal): Promise<string>;
  /** A token other than `refused`, which a server has turned down. */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

interface Token {
  readonly value: string;
  /** Milliseconds. */
  readonly expires: number;
  /** From then on a new one is fetched. */
  readonly renewal: number;
}

/** What a token without `expires_in` lives, seconds. */
const LIFETIME = 300;
/** A token is renewed this long before it expires, or when a fifth of its life is left. */
const EARLY_SECONDS = 60;
/** After an early renewal that failed. */
const RENEWAL_PAUSE_MS = 5000;

export function createClientCredentials(options: ClientCredentialsOptions): TokenSource {
  const { now = Date.now, fetchJson = createFetchJson() } = options;
  let current: Token | undefined;
  let attempt: Promise<Token> | undefined;

  function fetchToken(): Promise<Token> {
    attempt ??= requestToken(options, fetchJson, now)
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        attempt = undefined;
      });
    return attempt;
  }

  /** The old token is still good while this lasts, and when it fails. */
  function renewEarly(token: Token): void {
    fetchToken().catch(() => {
      if (current === token) current = { ...token, renewal: now() + RENEWAL_PAUSE_MS };
    });
  }

  async function token(signal?: AbortSignal): Promise<string> {
    if (current === undefined || now() >= current.expires)
      return (await orAbort(fetchToken, signal)).value;
    if (now() >= current.renewal) renewEarly(current);
    return current.value;
  }

  return {
    token,
    renew(refused, signal) {
      if (current?.value === refused) current = undefined;
      return token(signal);
    },
  };
}

/** Where an issuer gives tokens out, read from its metadata once. */
export function discoverTokenEndpoint(
  issuer: string,
  options: Partial<SourceOptions> = {},
): () => Promise<string> {
  const { fetchJson = createFetchJson(), now = Date.now, cooldownMs = 30_000 } = options;
  const metadata = keepMetadata(issuer, { fetchJson, now, cooldownMs });
  return async () => {
    const { tokenEndpoint } = await metadata.get();
    if (tokenEndpoint === undefined)
      throw new Error(`The metadata of ${issuer} names no token_endpoint.`);
    return tokenEndpoint;
  };
}

/**
 * Sends with a token; when that is refused, once more with a new one. The answer of the second is
 * final. `send` is given the token, `isRefused` says whether an answer turns the token down (a 401).
 */
export async function sendWithToken<Answer>(
  source: TokenSource,
  send: (token: string) => Promise<Answer>,
  isRefused: (answer: Answer) => boolean,
  signal?: AbortSignal,
): Promise<Answer> {
  const token = await source.token(signal);
  const answer = await send(token);
  if (!isRefused(answer)) return answer;
  return send(await source.renew(token, signal));
}

async function requestToken(
  options: ClientCredentialsOptions,
  fetchJson: FetchJson,
  now: () => number,
): Promise<Token> {
  const { clientId, clientSecret, scopes = [], audience, resource, secretInBody } = options;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (audience !== undefined) form.set('audience', audience);
  if (resource !== undefined) form.set('resource', resource);
  if (secretInBody) {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const asked = now();
  let answer: JsonAnswer;
  try {
    const { tokenEndpoint } = options;
    const url = typeof tokenEndpoint === 'string' ? tokenEndpoint : await tokenEndpoint();
    answer = await fetchJson(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(secretInBody ? {} : { authorization: clientAuthorization(clientId, clientSecret) }),
      },
      body: form.toString(),
    });
  } catch (cause) {
    const message =
      'The authorization server of the consumed API could not be reached for an access token.';
    throw new GatewayError('UPSTREAM_UNREACHABLE', message, {}, cause);
  }
  return readToken(answer, asked);
}

function readToken({ status, body }: JsonAnswer, asked: number): Token {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (status !== 200) throw refused(status, fields.error);
  const { access_token: value, token_type: type, expires_in: lifetime } = fields;
  const isBearer = type === undefined || /^bearer$/i.test(String(type));
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value) || !isBearer) {
    const message =
      'The authorization server of the consumed API answered without a bearer token that can be sent.';
    throw new GatewayError('UPSTREAM_UNUSABLE', message);
  }
  const seconds = Number(lifetime ?? LIFETIME);
  const lives = Number.isFinite(seconds) && seconds > 0 ? seconds : LIFETIME;
  const early = Math.min(EARLY_SECONDS, lives / 5);
  return {
    value,
    expires: asked + lives * 1000,
    renewal: asked + (lives - early) * 1000,
  };
}

/** The errors of RFC 6749 and 8707; a server's other words are not shown. */
const ERRORS: Readonly<Record<string, string>> = {
  invalid_client: 'Check clientId and clientSecret.',
  unauthorized_client: 'Let the client use the client_credentials grant.',
  invalid_scope: 'Check scopes.',
  invalid_target: 'Check audience and resource.',
  invalid_request: 'Check what it wants to be sent.',
  invalid_grant: 'Let the client use the client_credentials grant.',
  unsupported_grant_type: 'It has to serve the client_credentials grant.',
};

function refused(status: number, error: unknown): GatewayError {
  const known = typeof error === 'string' && Object.hasOwn(ERRORS, error) ? error : undefined;
  const why = known === undefined ? `${status}` : `${status}, ${known}`;
  const remedy = known === undefined ? '' : ` ${ERRORS[known]}`;
  const message = `The authorization server of the consumed API gave no access token (${why}).${remedy}`;
  return new GatewayError(status >= 500 ? 'UPSTREAM_UNUSABLE' : 'UPSTREAM_REJECTED', message);
}

/** One who goes away does not end the request that others wait for. */
