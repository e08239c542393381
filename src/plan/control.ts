import type { CredentialFacts, InboundPlan } from './inbound.ts';

export interface ControlPlan {
  readonly face: 'control';
  readonly namespace?: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly address?: string;
  readonly port: number;
  readonly description?: string;
  /** `/health/live` and `/health/ready` are served. */
  readonly health: boolean;
  /** `/status` is served. */
  readonly info: boolean;
  /** `/metrics` is served. */
  readonly metrics: boolean;
}
