import type { Exposed, ExposedParameter } from '../document/document.ts';

/** The exposed operation or tool whose inputs are wanted. */
export interface ExposedSide {
  readonly face: 'rest' | 'mcp';
  readonly namespace: string;
  /** Further roots of references: the aggregate that a ref leads to. */
  readonly roots?: readonly string[];
  /** Variables of the REST route; empty for a tool. */
  readonly routeVariables: readonly string[];
  readonly exposed: Exposed;
  readonly pointer: string;
  readonly declared: readonly { readonly parameter: ExposedParameter; readonly pointer: string }[];
}
