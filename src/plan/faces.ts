import type { CredentialFacts, InboundPlan } from './inbound.ts';
import type { OutboundPlan } from './outbound.ts';
import type { Json } from './plan.ts';

/** What hands every request below a path on to a consumed API, unless a route takes it. */
export interface ForwardPlan {
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

/** A tool of a skill: one of a sibling expose, or an instruction file of the skill. */
export type SkillToolPlan =
  | {
      readonly kind: 'derived';
      readonly name: string;
      readonly description?: string;
      readonly namespace: string;
      /** Name of the REST operation or of the MCP tool, as the file gives it. */
      readonly action: string;
      readonly target: SkillTarget;
    }
  | {
      readonly kind: 'instruction';
      readonly name: string;
      readonly description?: string;
      /** Path below the skill's folder, `/` between the parts. */
      readonly instruction: string;
    };

/** What a caller needs beside the address of the expose to call a derived tool. */
export type SkillTarget =
  | {
      readonly mode: 'rest';
      readonly method: string;
      /** As published, prefix included, variables as `{name}`. */
      readonly path: string;
    }
  | {
      readonly mode: 'mcp';
      /** The name that the tool is served under. */
      readonly tool: string;
      readonly transport: 'http' | 'stdio';
    };

export interface SkillDefinition {
  readonly name: string;
  readonly description?: string;
  /** Further frontmatter under its own keys: `license`, `allowed-tools` and the like. */
  readonly frontmatter: { readonly [key: string]: Json };
  /** Absolute path of the skill's folder. It may be missing, and come later. */
  readonly folder?: string;
  readonly tools: readonly SkillToolPlan[];
}

export interface SkillPlan {
  readonly face: 'skill';
  readonly namespace: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly address?: string;
  readonly port: number;
  readonly description?: string;
  readonly skills: readonly SkillDefinition[];
}

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
}
