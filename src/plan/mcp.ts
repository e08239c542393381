import type { AnswerLimit } from './answer-limit.ts';
import type { CheckArguments, CheckStructured, Completions, ContentPlan } from './content.ts';
import type { CredentialFacts, InboundPlan, Scoped } from './inbound.ts';
import type { Limited } from './limit.ts';
import type { OperationPlan } from './operation.ts';
import type { JsonSchema, Scope } from './values.ts';

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

export interface ToolPlan extends Scoped, Limited {
  readonly definition: ToolDefinition;
  readonly maxAnswer?: AnswerLimit;
  /** The argument by which callers choose what they see of the answer; it never goes upstream. */
  readonly fields?: string;
  /** What it gives in place of its answer. */
  readonly content?: readonly ContentPlan[];
  /** Present when the author's own schema judges the arguments; the inputs take them as they are. */
  readonly checkArguments?: CheckArguments;
  /** Present when the author's own schema judges the structured answer. */
  readonly checkStructured?: CheckStructured;
  /** The name that the file gives, where it is served under another one; calls may use it. */
  readonly published?: string;
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
export interface DynamicResourcePlan extends Scoped, Limited {
  readonly kind: 'dynamic';
  readonly definition: ResourceDefinition;
  /** The variables are inputs of the operation, by name. */
  readonly template?: readonly UriPart[];
  readonly operation: OperationPlan;
  /** By variable. */
  readonly completions?: Completions;
  /** Milliseconds between two looks while somebody wants to hear of changes. */
  readonly watchMs?: number;
}

/** Every file below a folder, each a resource at `<uri>/<path of the file>`. */
export interface FolderResourcePlan extends Scoped, Limited {
  readonly kind: 'folder';
  readonly definition: ResourceDefinition;
  /** Absolute path. It may be missing, and come later. */
  readonly folder: string;
}

export type ResourcePlan = DynamicResourcePlan | FolderResourcePlan;

/** A piece of a prompt's text: as written, the value of an argument, or what steps gave for it. */
export type PromptPart =
  | { readonly text: string }
  | { readonly argument: string }
  | { readonly read: (scope: Scope) => string };

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  /** In place of a text. */
  readonly content?: ContentPlan;
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

export interface PromptPlan extends Scoped, Limited {
  readonly definition: PromptDefinition;
  /** By argument. */
  readonly completions?: Completions;
  /** Values that arguments may have, by argument. */
  readonly allowed?: Readonly<Record<string, readonly string[]>>;
  readonly messages: readonly PromptMessage[];
  /**
   * Run before the messages are made. Its inputs are arguments of the prompt, its value what each
   * step gave, by name.
   */
  readonly operation?: OperationPlan;
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
