import { GatewayError } from '../errors.ts';
import type { Cancellation } from '../plan/plan.ts';

/** Runs that several wait for. */
export interface Flights<Result> {
  /**
   * What comes of the run under way for a key; one is started where there is none. Whoever leaves does
   * not end it for the others; it ends with the last of them.
   * @throws GatewayError CANCELLED when `signal` aborts; else what the run throws
   */
  join(
    key: string,
    signal: Cancellation | undefined,
    start: (signal: AbortSignal) => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly led: boolean }>;
}

interface Flight<Result> {
  readonly landing: Promise<Result>;
  readonly empty: AbortController;
  waiting: number;
}

export function createFlights<Result>(): Flights<Result> {
  const flights = new Map<string, Flight<Result>>();

  function take(key: string, start: (signal: AbortSignal) => Promise<Result>): Flight<Result> {
    const empty = new AbortController();
    const landing = start(empty.signal).finally(() => forget(key, flight));
    const flight: Flight<Result> = { landing, empty, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  function forget(key: string, flight: Flight<Result>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  return {
    join(key, signal, start) {
      const under = flights.get(key);
      const led = under === undefined;
      const flight = under ?? take(key, start);
      flight.waiting += 1;
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          reject(new GatewayError('CANCELLED', 'The caller went away.', {}, signal?.reason));
          flight.waiting -= 1;
          if (flight.waiting > 0) return;
          forget(key, flight);
          flight.empty.abort();
        };
        const stay = (): void => signal?.removeEventListener('abort', leave);
        signal?.addEventListener('abort', leave, { once: true });
        if (signal?.aborted) leave();
        flight.landing.then(
          (result) => {
            stay();
            resolve({ result, led });
          },
          (error: unknown) => {
            stay();
            reject(error);
          },
        );
      });
    },
  };
}
