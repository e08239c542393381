import type { Asking, Dialogue, ProgressPoint, Question } from '../plan/dialogue.ts';

/** Who sends a request, as the check of the expose knows him. */
export interface Caller {
  /** '' or absent where everybody may. */
  readonly principal?: string;
  /** What limits are counted under; absent where nothing is limited. */
  readonly account?: string;
  /** Scopes the caller's token has; absent where there is no token. */
  readonly scopes?: ReadonlySet<string>;
  /** The refusal of what needs scopes that the token lacks; there with a token. */
  readonly stepUp?: (needed: readonly string[]) => {
    readonly message: string;
    /** Values for `WWW-Authenticate`. */
    readonly challenges: readonly string[];
  };
}

/** What one request of a client brings beside its params, whichever revision it speaks. */
export interface CallContext extends Caller {
  /** Aborts when the caller cancels or is gone. */
  readonly signal: AbortSignal;
  /** Present when the caller asked for progress. Points grow strictly. */
  readonly progress?: (done: number, total: number, message: string) => void;
  /** Present when the caller wants log messages. */
  readonly log?: (level: LogLevel, data: string) => void;
  /** What the client declared it can do. */
  readonly client: ClientCapabilities;
  /** Answers to an earlier round, by key, and the state that came with its questions. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly state?: string;
}

export type LogLevel =
  | 'debug'
  | 'info'
  | 'notice'
  | 'warning'
  | 'error'
  | 'critical'
  | 'alert'
  | 'emergency';

export interface ClientCapabilities {
  readonly elicitation: boolean;
  readonly elicitationUrl: boolean;
  readonly sampling: boolean;
  readonly roots: boolean;
}

/** The answer is put off until the client has answered; it calls again with the answers and the state. */
export interface InputRequired {
  readonly inputRequests: Readonly<Record<string, Question>>;
  readonly requestState: string;
}

/** What is called: the same call comes again with the answers to its questions. */
export interface Subject {
  /** Name of the server that is called: another may have a tool of the same name. */
  readonly server: string;
  readonly method: 'tools/call' | 'prompts/get' | 'resources/read';
  /** Name of the tool or prompt, or the URI of the resource. */
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Keeps what was learned between the rounds of a call in the hands of the client, sealed. */
export interface Rounds {
  /** @throws RpcError -32602 for a state that is not ours, too old, or of another caller or call */
  open(subject: Subject, context: CallContext): Dialogue;
  seal(subject: Subject, asking: Asking, context: CallContext): InputRequired;
}

/** What a client would like to have completed. */
export interface CompletionRequest {
  /** The name of a prompt, or a URI template as listed. */
  readonly about: { readonly prompt: string } | { readonly template: string };
  /** The argument or variable. */
  readonly argument: string;
  /** What has been typed of it. */
  readonly value: string;
  /** Arguments that are settled already. */
  readonly others: Readonly<Record<string, string>>;
}

/**
 * All values that fit, best first; none for what cannot be completed.
 * @throws RpcError -32602 for a prompt or template that is not there
 */
export type Complete = (
  request: CompletionRequest,
  context: CallContext,
) => Promise<readonly string[]>;

/** What the running of one operation is told by whoever calls for it. */
export interface RunContext {
  readonly signal: AbortSignal;
  /** Whose run it is, where limits are counted. */
  readonly account?: string | undefined;
  /** Present when somebody wants to hear how far it is. */
  readonly progress?: (point: ProgressPoint) => void;
  /** The same for how many values of an answer that need not end have been collected. */
  readonly onItems?: (count: number) => void;
  /** Present when the caller can be asked. */
  readonly dialogue?: Dialogue;
}

/** A call by nobody in particular, who hears nothing and cannot be asked. */
export const plainContext = (signal: AbortSignal): CallContext => ({
  signal,
  client: { elicitation: false, elicitationUrl: false, sampling: false, roots: false },
});

export const isInputRequired = (value: object): value is InputRequired => 'inputRequests' in value;
