/** A value that must not be shown: a closure, so that nothing that prints a plan prints it. */
export type Secret = () => string;

export interface BasicPlan {
  readonly type: 'basic';
  readonly username: Secret;
  readonly password: Secret;
}

export interface BearerPlan {
  readonly type: 'bearer';
  readonly token: Secret;
}

export interface ApiKeyPlan {
  readonly type: 'apikey';
  /** The name of the header or query parameter. */
  readonly key: string;
  readonly value: Secret;
  readonly placement: 'header' | 'query';
}

export interface DigestPlan {
  readonly type: 'digest';
  readonly username: Secret;
  readonly password: Secret;
}

export interface OAuth2Plan {
  readonly type: 'oauth2';
  /** The authorization server's issuer, as the file gives it. */
  readonly issuer: string;
  /** The canonical URI of what is protected. */
  readonly resource: string;
  readonly audience: string;
  /** All of them are needed. */
  readonly scopes: readonly string[];
  readonly validation: 'jwks' | 'introspection';
  /** How this server shows itself to the introspection endpoint. */
  readonly client?: { readonly id: string; readonly secret: Secret };
}

/** Who may come in, decided at load. */
export type InboundPlan = BasicPlan | BearerPlan | ApiKeyPlan | DigestPlan | OAuth2Plan;

/**
 * What an example of a call shows for the fields of a credential: the environment variable that holds
 * one, or a user name that the file itself writes out. Never a secret.
 */
export type CredentialFacts = {
  readonly [field: string]: { readonly variable: string } | { readonly text: string };
};
