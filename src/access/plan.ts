export type {
  ApiKeyPlan,
  BasicPlan,
  BearerPlan,
  DigestPlan,
  InboundPlan,
  OAuth2Plan,
} from '../plan/inbound.ts';
