import { bearerToken, quote } from './auth-header.ts';
import type { ApiKeyPlan, BasicPlan, BearerPlan } from './plan.ts';
import { refusal } from './refusal.ts';
import type { CheckAccess } from './request.ts';
import { createComparison } from './same.ts';

export function createBasicCheck(plan: BasicPlan, realm: string): CheckAccess {
  const isUsername = createComparison(plan.username());
  const isPassword = createComparison(plan.password());
  const challenges = [`Basic realm=${quote(realm)}, charset="UTF-8"`];
  return async function checkBasic({ headers: { authorization = '' } }) {
    const encoded = /^basic +([\w+/=-]+) *$/i.exec(authorization)?.[1];
    if (encoded !== undefined) {
      const text = Buffer.from(encoded, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      // Both are compared, whatever the first says.
      const known = [
        isUsername(text.slice(0, Math.max(colon, 0))),
        isPassword(text.slice(colon + 1)),
      ];
      if (colon !== -1 && known.every(Boolean)) return undefined;
    }
    const message =
      encoded === undefined
        ? 'This needs a user name and password: send them as Authorization: Basic.'
        : 'The user name or the password is wrong.';
    return refusal('UNAUTHENTICATED', message, challenges);
  };
}

export function createBearerCheck(plan: BearerPlan, realm: string): CheckAccess {
  const isToken = createComparison(plan.token());
  const challenge = `Bearer realm=${quote(realm)}`;
  return async function checkBearer({ headers: { authorization } }) {
    const token = bearerToken(authorization);
    if (token !== undefined && isToken(token)) return undefined;
    return token === undefined
      ? refusal('UNAUTHENTICATED', 'This needs a token: send it as Authorization: Bearer.', [
          challenge,
        ])
      : refusal('UNAUTHENTICATED', 'The token is not valid here.', [
          `${challenge}, error="invalid_token"`,
        ]);
  };
}

export function createApiKeyCheck(plan: ApiKeyPlan, realm: string): CheckAccess {
  const { key, placement } = plan;
  const isKey = createComparison(plan.value());
  const header = key.toLowerCase();
  // No scheme of this kind is registered; a 401 has to name one all the same.
  const challenges = [`ApiKey realm=${quote(realm)}, in=${quote(placement)}, name=${quote(key)}`];
  return async function checkApiKey({ headers, url = '' }) {
    const given = placement === 'header' ? headers[header] : fromQuery(url, key);
    if (typeof given === 'string' && isKey(given)) return undefined;
    const where = placement === 'header' ? `header ${key}` : `query parameter ${key}`;
    const message =
      given === undefined
        ? `This needs an API key: send it in the ${where}.`
        : `The API key in the ${where} is not valid.`;
    return refusal('UNAUTHENTICATED', message, challenges);
  };
}

/** The one value of a query parameter; several are an array, which no key is. */
function fromQuery(url: string, key: string): string | readonly string[] | undefined {
  const mark = url.indexOf('?');
  if (mark === -1) return undefined;
  const values = new URLSearchParams(url.slice(mark + 1).replace(/#.*$/s, '')).getAll(key);
  return values.length > 1 ? values : values[0];
}
