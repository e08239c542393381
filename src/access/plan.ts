export type {
  ApiKeyPlan,
  BasicPlan,
  BearerPlan,
  DigestPlan,
  InboundPlan,
  OAuth2Plan,
  Secret,
} from '../plan/inbound.ts';
