import type { Json, OperationPlan, Scope } from './plan.ts';

/** A piece of a text: as written, or what the scope of a request gives, objects as compact JSON. */
export type TextPiece = { readonly text: string } | { readonly read: (scope: Scope) => unknown };

/**
 * What a part is made of: a text, all that a step answered (its bytes where they are kept), or a
 * value within that.
 */
export type ContentSource =
  | { readonly kind: 'text'; readonly pieces: readonly TextPiece[] }
  | { readonly kind: 'step'; readonly step: string }
  | {
      readonly kind: 'value';
      readonly step: string;
      readonly read: (scope: Scope) => Json | undefined;
    };

export interface ContentAnnotations {
  readonly audience?: readonly ('user' | 'assistant')[];
  readonly priority?: number;
}

interface PartBase {
  readonly annotations?: ContentAnnotations;
  /** Media type as the file gives it. */
  readonly mimeType?: string;
}

/** A part of what a tool or a prompt gives. It is left out where its source gives nothing. */
export type ContentPlan =
  | (PartBase & { readonly type: 'text' | 'image' | 'audio'; readonly source: ContentSource })
  | (PartBase & {
      readonly type: 'resource';
      readonly uri: readonly TextPiece[];
      readonly source: ContentSource;
    })
  | (PartBase & {
      readonly type: 'resource_link';
      readonly uri: readonly TextPiece[];
      readonly name: readonly TextPiece[];
      readonly title?: readonly TextPiece[];
      readonly description?: readonly TextPiece[];
    });

/** An answer as it came. */
export interface HeldBody {
  readonly bytes: Buffer;
  /** The `content-type` header. */
  readonly mediaType?: string;
}

/** What parts are made of once all steps have run. Bytes stay apart from the tree of values. */
export interface Gathered {
  readonly scope: Scope;
  readonly held: Readonly<Record<string, HeldBody>>;
}

/** Where the values come from that a client can offer while one is typed. */
export type CompletionPlan =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | {
      readonly kind: 'call';
      /** Its inputs: `value` is what has been typed, the others are arguments that are settled. */
      readonly operation: OperationPlan;
      /** The called operation is told what has been typed, so its values need no choosing. */
      readonly narrows: boolean;
    };

/** By argument of a prompt, or by variable of a resource's URI. */
export type Completions = Readonly<Record<string, CompletionPlan>>;

/** What is wrong with the arguments of a call, each by the name of the argument it lies in. */
export type CheckArguments = (
  args: Readonly<Record<string, unknown>>,
) => readonly { readonly input: string; readonly message: string }[];

/** Sentences on what of a structured answer does not fit what is published of it. */
export type CheckStructured = (value: unknown) => readonly string[];
