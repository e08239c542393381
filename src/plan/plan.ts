import type { ControlPlan } from './control.ts';
import type { McpPlan } from './mcp.ts';
import type { RestPlan } from './rest.ts';
import type { SkillPlan } from './skill.ts';

export type * from './cache.ts';
export type * from './control.ts';
export type * from './limit.ts';
export type * from './mcp.ts';
export type * from './operation.ts';
export type * from './rest.ts';
export type * from './skill.ts';
export type * from './upstream.ts';
export type * from './values.ts';

export interface ConsumedPlan {
  readonly namespace: string;
  readonly baseUri: string;
  readonly authentication: string;
  readonly operations: number;
  /** How a session is opened and shown, for people; never a value. */
  readonly session?: SessionFacts;
  /** Where each caller's own credential comes from, and goes. */
  readonly caller?: CallerFacts;
}

export interface SessionFacts {
  readonly login: string;
  readonly refresh?: string;
  readonly logout?: readonly string[];
  readonly values: readonly string[];
  readonly sent: readonly { readonly in: string; readonly name: string }[];
  /** As the file writes it. */
  readonly expires?: { readonly in?: string | number; readonly at?: string; readonly jwt?: string };
  readonly renewOn: readonly number[];
}

export interface CallerFacts {
  /** Header over REST, and input of tools. */
  readonly header: string;
  readonly sent: { readonly in: 'header' | 'query'; readonly name: string };
}

export type FacePlan = RestPlan | McpPlan | SkillPlan | ControlPlan;

/**
 * What the request path is given: types only. Everything here was decided at load; a request reads
 * it and never changes it. Facts a person may ask for (`inspect`) stay plain data; hot work is a closure.
 */
export interface CapabilityPlan {
  readonly file: string;
  /** Version of the language that the file is written in. */
  readonly specVersion: string;
  readonly label: string;
  readonly description?: string;
  readonly consumes: readonly ConsumedPlan[];
  readonly faces: readonly FacePlan[];
  /** Consumed operations whose answers are kept; absent where there are none. */
  readonly cached?: readonly string[];
}
