import { createDigestCheck } from './digest.ts';
import { createOAuth2Check, type OAuth2Options } from './oauth2.ts';
import { createApiKeyCheck, createBasicCheck, createBearerCheck } from './passwords.ts';
import type { InboundPlan } from './plan.ts';
import type { CheckAccess } from './request.ts';

export interface AccessOptions extends OAuth2Options {
  /** The realm that challenges name; `naftiko` unless said. */
  readonly realm?: string;
  /** Makes nonces that others who have it take, too; only ours are taken without it. */
  readonly nonceKey?: Buffer;
}

/** The check that stands before everything an expose serves. One per expose: it keeps nonces and keys. */
export function createAccessCheck(plan: InboundPlan, options: AccessOptions = {}): CheckAccess {
  const { realm = 'naftiko' } = options;
  switch (plan.type) {
    case 'basic':
      return createBasicCheck(plan, realm);
    case 'bearer':
      return createBearerCheck(plan, realm);
    case 'apikey':
      return createApiKeyCheck(plan, realm);
    case 'digest':
      return createDigestCheck(plan, realm, options);
    case 'oauth2':
      return createOAuth2Check(plan, realm, options);
  }
}
