import type { CredentialFacts, InboundPlan } from './inbound.ts';
import type { Limited } from './limit.ts';
import type { OperationPlan } from './operation.ts';
import type { OutboundPlan } from './outbound.ts';
import type { JsonSchema } from './values.ts';

export interface RoutePlan extends Limited {
  readonly method: string;
  /** As published, prefix included: `/v1/items/{id}`. */
  readonly path: string;
  readonly description?: string;
  /** Of a shaped answer whose type is declared. */
  readonly outputSchema?: JsonSchema;
  readonly operation: OperationPlan;
}

/** What hands every request below a path on to a consumed API, unless a route takes it. */
export interface ForwardPlan extends Limited {
  /** As published, prefix included, without the variable for the rest: `/proxy`. */
  readonly path: string;
  readonly description?: string;
  /** Namespace of the consumes block. */
  readonly target: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What the rest of the path is put behind; no slash at its end. */
  readonly basePath: string;
  /** Headers of the block and its credential, names and values alternating, names in lower case. */
  readonly headers: readonly string[];
  /** Query parameters of the block and its credential, names decoded, pairs encoded. */
  readonly query: readonly { readonly name: string; readonly pair: string }[];
  /** A credential that is worked out when a request is sent. */
  readonly credential?: OutboundPlan;
  /** Headers of the caller that go along, in lower case. */
  readonly trustedHeaders: readonly string[];
  readonly redirects: number;
  readonly setCookie: boolean;
}

export interface RestPlan {
  readonly face: 'rest';
  readonly namespace: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly address?: string;
  readonly port: number;
  readonly description?: string;
  readonly routes: readonly RoutePlan[];
  readonly forwards?: readonly ForwardPlan[];
}
