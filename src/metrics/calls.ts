import { type Meter, type Row, record } from './meter.ts';

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
  return async function callMeasured(name, args, context) {
    const row = rowOf(name);
    const begun = performance.now();
    meter.running += 1;
    let outcome = REFUSED;
    try {
      const result = await call(name, args, context);
      outcome = outcomeOf(result);
      return result;
    } finally {
      if (context.signal.aborted) outcome = CANCELLED;
      meter.running -= 1;
      record(meter, row, outcome, performance.now() - begun);
    }
  };
}

/** What is written already is a success. */
function outcomeOf(result: unknown): number {
  if (typeof result !== 'object' || result === null) return OK;
  if ('inputRequests' in result) return ASKED;
  return 'isError' in result && result.isError === true ? ERROR : OK;
}
