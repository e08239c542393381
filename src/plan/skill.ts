import type { CredentialFacts, InboundPlan } from './inbound.ts';
import type { Json } from './values.ts';

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
