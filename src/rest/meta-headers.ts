import type { Json, Meta } from '../plan/plan.ts';

/** Larger ones would be refused by clients, whose limits are for all headers together. */
const LONGEST = 4096;

/** `reqId` as `x-req-id`: names and values alternating. What is no text is JSON, and what no header takes is encoded. */
export const metaHeaders = (meta: Meta): string[] =>
  Object.entries(meta).flatMap(([name, value]) => {
    const text = headerText(value);
    return text.length > LONGEST ? [] : [headerName(name), text];
  });

const headerName = (name: string): string =>
  `x-${name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()}`;

function headerText(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Half of a surrogate pair cannot be encoded, and is none of UTF-8.
  const whole = Buffer.from(text, 'utf8').toString('utf8');
  return whole.replace(/[^\x20-\x7e]+|^ +| +$/g, encodeURIComponent);
}
