import { begin, type Meter, type Row } from './meter.ts';

type Call<Args, Context, Result> = (name: string, args: Args, context: Context) => Promise<Result>;

const OK = 0;
const ERROR = 1;
const ASKED = 2;
const REFUSED = 3;
const CANCELLED = 4;

/** Calls of tools that are measured. `rowOf` must know as many rows as there are tools, and one more. */
export function measuredCall<
  Args,
  Context extends { readonly signal: { readonly aborted: boolean } },
  Result,
>(
  call: Call<Args, Context, Result>,
  meter: Meter,
  rowOf: (name: string) => Row,
): Call<Args, Context, Result> {
  return function callMeasured(name, args, context) {
    const end = begin(meter, rowOf(name));
    const ended = (outcome: number): void => end(context.signal.aborted ? CANCELLED : outcome);
    const called = call(name, args, context);
    called.then(
      (result) => ended(outcomeOf(result)),
      () => ended(REFUSED),
    );
    return called;
  };
}

/** What is written already is a success. */
function outcomeOf(result: unknown): number {
  if (typeof result !== 'object' || result === null) return OK;
  if ('inputRequests' in result) return ASKED;
  return 'isError' in result && result.isError === true ? ERROR : OK;
}
