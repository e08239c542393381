import { hash, randomUUID } from 'node:crypto';
import type { OutboundPlan, SessionPlan } from '../plan/outbound.ts';

const accounts = new WeakMap<OutboundPlan, string>();

/**
 * The account that a credential is worked out for, whichever token it has at the time, as a digest. It
 * is the same in every gateway that has the same credential for the same API.
 */
export function accountOf(credential: OutboundPlan): string {
  const known = accounts.get(credential);
  if (known !== undefined) return known;
  const account = hash('sha256', JSON.stringify(factsOf(credential)), 'base64url');
  accounts.set(credential, account);
  return account;
}

function factsOf(credential: OutboundPlan): unknown {
  switch (credential.type) {
    case 'digest':
      return ['digest', credential.username, credential.password()];
    case 'oauth2': {
      const { from, clientId, clientSecret, scopes, audience = null, resource = null } = credential;
      return ['oauth2', from, clientId, clientSecret(), scopes, audience, resource];
    }
    case 'session':
      return ['session', loginOf(credential)];
    case 'session-end':
      return ['session-end', randomUUID()];
  }
}

/** A login that cannot be written beforehand, or differs each time, is nobody else's. */
function loginOf({ login, inject }: SessionPlan): unknown {
  try {
    const { origin, method, path, headers, body = '' } = login.step.build({ input: {}, steps: {} });
    const text = typeof body === 'string' ? body : body.toString('base64');
    const values = login.values.map(({ name, from }) => [name, from]);
    const places = inject.map(({ in: place, name }) => [place, name]);
    return [origin, method, path, headers, text, values, places];
  } catch {
    return randomUUID();
  }
}
