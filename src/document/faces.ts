/**
 * The parts of an MCP, skill and control expose beside tools, in their author's words, as the
 * accepting schema guarantees them.
 */
import type {
  Exposed,
  ExposedParameter,
  ExposesMcp,
  ExposesOther,
  Scalar,
  Scoped,
} from './document.ts';

export interface McpResource extends Exposed, Scoped {
  readonly name: string;
  /** `{param}` makes it a template. */
  readonly uri: string;
  readonly mimeType?: string;
  /** Folder whose files are served. */
  readonly location?: string;
  /** What is known of the variables of the URI. */
  readonly inputParameters?: readonly ResourceParameter[];
  /** Looked after while somebody wants to hear of changes. */
  readonly watch?: { readonly every: string };
}

export interface ResourceParameter extends ExposedParameter {
  readonly completions?: WrittenCompletions;
}

/** What a client can offer while a value is typed. */
export type WrittenCompletions =
  | readonly Scalar[]
  | {
      readonly call: string;
      readonly with?: Readonly<Record<string, unknown>>;
      readonly path?: string;
    };

export interface McpPrompt extends Scoped {
  readonly name: string;
  readonly label?: string;
  readonly description?: string;
  readonly arguments?: readonly PromptArgument[];
  readonly template?: readonly {
    readonly role: 'user' | 'assistant';
    /** A text, or a part such as an image or a resource. */
    readonly content: string | Readonly<Record<string, unknown>>;
  }[];
  /** File with the text of one message of the user. */
  readonly location?: string;
  /** What is called before the template is filled in. */
  readonly call?:
    | string
    | { readonly operation: string; readonly with?: Readonly<Record<string, unknown>> };
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly unknown[];
}

export interface PromptArgument {
  readonly name: string;
  readonly label?: string;
  readonly description?: string;
  /** The values that are allowed. */
  readonly enum?: readonly string[];
  readonly completions?: WrittenCompletions;
  /** True when left out. */
  readonly required?: boolean;
}

export interface ExposesSkill extends ExposesOther {
  readonly type: 'skill';
  readonly skills?: readonly Skill[];
}

export interface Skill {
  readonly name: string;
  readonly description?: string;
  readonly license?: string;
  readonly compatibility?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly 'allowed-tools'?: string;
  readonly 'argument-hint'?: string;
  readonly 'user-invocable'?: boolean;
  readonly 'disable-model-invocation'?: boolean;
  readonly location?: string;
  readonly tools?: readonly SkillTool[];
}

export interface SkillTool {
  readonly name: string;
  readonly description?: string;
  readonly from?: { readonly sourceNamespace: string; readonly action: string };
  readonly instruction?: string;
}

export interface ExposesControl extends ExposesOther {
  readonly type: 'control';
  readonly management?: {
    readonly health?: boolean;
    readonly info?: boolean;
    readonly reload?: boolean;
    readonly validate?: boolean;
    readonly logs?: boolean | Readonly<Record<string, unknown>>;
    readonly scripting?: Readonly<Record<string, unknown>>;
  };
  readonly observability?: {
    readonly enabled?: boolean;
    readonly metrics?: LocalEndpoint;
    readonly traces?: LocalEndpoint;
    readonly exporters?: unknown;
  };
}

interface LocalEndpoint {
  readonly local?: { readonly enabled?: boolean };
}

export const resourcesOf = (expose: ExposesMcp): readonly McpResource[] =>
  (expose.resources ?? []) as readonly McpResource[];

export const promptsOf = (expose: ExposesMcp): readonly McpPrompt[] =>
  (expose.prompts ?? []) as readonly McpPrompt[];
