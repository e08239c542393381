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
  /** Why its caller cannot be asked anything, and where that is decided. */
  readonly unaskable?: { readonly why: string; readonly pointer: string };
  /** The author's own schema is published, so inputs have the names that it gives them. */
  readonly ownSchema?: boolean;
  readonly declared: readonly { readonly parameter: ExposedParameter; readonly pointer: string }[];
}
