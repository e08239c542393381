import type { IncomingMessage, ServerResponse } from 'node:http';
import { begin, type Meter, type Row } from './meter.ts';

/** A handler that measures what it answers, to the end of the answer. */
export function measuredHandler<Given extends readonly unknown[]>(
  handle: (request: IncomingMessage, response: ServerResponse, ...given: Given) => void,
  meter: Meter,
  row: Row,
): typeof handle {
  return function handleMeasured(request, response, ...given) {
    const end = begin(meter, row);
    response.on('close', () => end(outcomeOf(response)));
    handle(request, response, ...given);
  };
}

/** 0 for a caller who left before there was an answer, else the class of the status. */
const outcomeOf = ({ headersSent, statusCode }: ServerResponse): number =>
  headersSent ? Math.min(Math.floor(statusCode / 100), 5) : 0;
