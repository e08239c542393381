import type { CredentialFacts, InboundPlan } from './inbound.ts';
import type { OperationPlan } from './operation.ts';
import type { JsonSchema } from './values.ts';

export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** Exactly what `tools/list` says of a tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: ToolAnnotations;
}

export interface ToolPlan {
  readonly definition: ToolDefinition;
  readonly operation: OperationPlan;
}

/** What `resources/list` says of a resource, or `resources/templates/list` of a template. */
export interface ResourceDefinition {
  /** As published; of a template with its variables as `{name}`. */
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

/** A piece of a URI template: text as written, or a variable that stands for one segment or part of one. */
export type UriPart = { readonly text: string } | { readonly variable: string };

/** A resource whose content an operation gives; with `template` it stands for many URIs. */
export interface DynamicResourcePlan {
  readonly kind: 'dynamic';
  readonly definition: ResourceDefinition;
  /** The variables are inputs of the operation, by name. */
  readonly template?: readonly UriPart[];
  readonly operation: OperationPlan;
}

/** Every file below a folder, each a resource at `<uri>/<path of the file>`. */
export interface FolderResourcePlan {
  readonly kind: 'folder';
  readonly definition: ResourceDefinition;
  /** Absolute path. It may be missing, and come later. */
  readonly folder: string;
}

export type ResourcePlan = DynamicResourcePlan | FolderResourcePlan;

/** A piece of a prompt's text: as written, or the value of an argument. */
export type PromptPart = { readonly text: string } | { readonly argument: string };

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly PromptPart[];
}

/** Exactly what `prompts/list` says of a prompt. */
export interface PromptDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly title?: string;
    readonly description?: string;
    readonly required: boolean;
  }[];
}

export interface PromptPlan {
  readonly definition: PromptDefinition;
  readonly messages: readonly PromptMessage[];
}

export interface McpPlan {
  readonly face: 'mcp';
  readonly namespace: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly transport: 'http' | 'stdio';
  readonly address?: string;
  /** Absent for stdio. */
  readonly port?: number;
  readonly description?: string;
  readonly tools: readonly ToolPlan[];
  readonly resources?: readonly ResourcePlan[];
  readonly prompts?: readonly PromptPlan[];
}
