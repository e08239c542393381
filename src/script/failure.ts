/** What goes wrong at request time in this room, beside CANCELLED and SHUTTING_DOWN of `errors.ts`. */
export const SCRIPT_ERRORS = {
  SCRIPT_FAILED: { status: 500, title: 'A script of the capability failed' },
  SCRIPT_LIMIT: { status: 500, title: 'A script of the capability went over one of its limits' },
  SCRIPT_BUSY: { status: 503, title: 'Too many scripts wait to be run' },
  SCRIPT_TIMEOUT: { status: 504, title: 'A script of the capability did not end in time' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ScriptErrorCode = keyof typeof SCRIPT_ERRORS;

/**
 * `message` is for the caller: it names script and line, never a value or a path of this machine.
 * What the script itself said is the `cause`, for the log.
 */
export class ScriptFailure extends Error {
  readonly code: ScriptErrorCode;
  readonly status: number;

  constructor(code: ScriptErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ScriptFailure';
    this.code = code;
    this.status = SCRIPT_ERRORS[code].status;
  }
}
