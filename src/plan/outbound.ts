import type { Secret } from './inbound.ts';

/** A credential towards a consumed API that has to be worked out at request time. */
export type OutboundPlan =
  | { readonly type: 'digest'; readonly username: string; readonly password: Secret }
  | {
      readonly type: 'oauth2';
      /** Where tokens come from; with an issuer alone, what its metadata name. */
      readonly from: { readonly tokenEndpoint: string } | { readonly issuer: string };
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scopes: readonly string[];
      /** Sent instead of the resource when the file gives one: some servers refuse the other. */
      readonly audience?: string;
      readonly resource?: string;
    };
