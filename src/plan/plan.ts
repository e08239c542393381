import type { ControlPlan } from './control.ts';
import type { McpPlan } from './mcp.ts';
import type { RestPlan } from './rest.ts';
import type { SkillPlan } from './skill.ts';

export type * from './control.ts';
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
}
