import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type Closer, type Script, startUpstream, type TestUpstream } from '../support/upstream.ts';

/** An authorization server made for one test. */
export interface TestIssuer {
  readonly uri: string;
  readonly server: TestUpstream;
  /** What `/keys` gives, changeable. */
  keys: readonly JWK[];
  /** Adds a key pair and publishes it; tokens are signed with the last one added. */
  rotate(kid: string, algorithm?: string): Promise<void>;
  /** A token that is right in everything, with changes. A claim of undefined is left out. */
  token(changes?: Readonly<Record<string, unknown>>, header?: object): Promise<string>;
  /** How often a path was asked for. */
  asked(path: string): number;
}

export const RESOURCE = 'https://api.example/v1';

/** `path` is that of the issuer, `well` where its metadata are; `extra` are more routes and metadata. */
export async function startIssuer(
  t: Closer,
  options: {
    readonly path?: string;
    readonly well?: string;
    readonly metadata?: (origin: string) => object;
    readonly script?: Script;
  } = {},
): Promise<TestIssuer> {
  const { path = '', well = `/.well-known/oauth-authorization-server${path}` } = options;
  let signing: { key: CryptoKey; kid: string; algorithm: string } | undefined;
  const server: TestUpstream = await startUpstream(t, (request, response) => {
    const route = `${request.method} ${request.url}`;
    const scripted = options.script?.[route];
    if (typeof scripted === 'function') return scripted(request, response);
    const answers: Record<string, unknown> = {
      [`GET ${well}`]: {
        issuer: issuer.uri,
        jwks_uri: `${server.origin}/keys`,
        introspection_endpoint: `${server.origin}/introspect`,
        token_endpoint: `${server.origin}/token`,
        ...options.metadata?.(server.origin),
      },
      'GET /keys': { keys: issuer.keys },
    };
    response.statusCode = Object.hasOwn(answers, route) ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[route] ?? { error: 'not found' }));
  });
  const issuer: TestIssuer = {
    uri: server.origin + path,
    server,
    keys: [],
    async rotate(kid, algorithm = 'ES256') {
      const pair = await generateKeyPair(algorithm, { extractable: true });
      signing = { key: pair.privateKey, kid, algorithm };
      issuer.keys = [...issuer.keys, { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm }];
    },
    async token(changes = {}, header = {}) {
      if (signing === undefined) throw new Error('rotate first');
      const claims = {
        iss: issuer.uri,
        aud: RESOURCE,
        exp: Math.floor(Date.now() / 1000) + 300,
        scope: 'read write',
        ...changes,
      };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: signing.algorithm, kid: signing.kid, ...header })
        .sign(signing.key);
    },
    asked: (wanted) => server.requests.filter(({ url }) => url === wanted).length,
  };
  return issuer;
}
