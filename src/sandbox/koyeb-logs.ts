import { on } from 'node:events';
import { type Query, readQuery, refuse } from './koyeb-check.ts';
import { isAskedFor, type LogLine, MANY, ORDER, type Platform } from './koyeb-platform.ts';
import type { Call, Routes } from './service.ts';

const STREAMS = ['stdout', 'stderr', 'koyeb'];
const FILTERS = {
  type: ['build', 'runtime'],
  app_id: 'text',
  service_id: 'text',
  deployment_id: 'text',
  regional_deployment_id: 'text',
  instance_id: 'text',
  instance_ids: MANY,
  stream: STREAMS,
  streams: { many: STREAMS },
  start: 'time',
  limit: 'count',
  regex: 'text',
  text: 'text',
  regions: MANY,
} as const;

const SCOPES = ['app_id', 'service_id', 'deployment_id', 'regional_deployment_id', 'instance_ids'];

/** The filters of a call, which has to say whose lines it wants, and not too much. */
function readFilters(call: Call, more: Parameters<typeof readQuery>[1] = {}): Query {
  const query = readQuery(call, { ...FILTERS, ...more });
  if (![...SCOPES, 'instance_id'].some((name) => name in query)) {
    refuse(400, 'invalid_argument', `One of ${SCOPES.join(', ')} is needed.`);
  }
  if ('regex' in query && 'text' in query) {
    refuse(400, 'invalid_argument', 'regex and text cannot be used together.');
  }
  if (Number(query.limit?.[0] ?? 1) > 1000) {
    refuse(400, 'invalid_argument', 'Validation error', [
      { field: 'limit', description: 'must not be more than 1000' },
    ]);
  }
  return query;
}

const isWanted = (query: Query, { msg, labels }: LogLine): boolean =>
  isAskedFor(query.app_id, labels.app_id) &&
  isAskedFor(query.service_id, labels.service_id) &&
  isAskedFor(query.streams ?? query.stream, labels.stream) &&
  isAskedFor(query.regions, labels.region) &&
  msg.includes(query.text?.[0] ?? '') &&
  new RegExp(query.regex?.[0] ?? '').test(msg);

export function logRoutes(platform: Platform): Routes {
  async function* follow(query: Query, gone: AbortSignal): AsyncGenerator<string> {
    const written = on(platform.written, 'line', { signal: gone });
    const text = (line: LogLine): string => `${JSON.stringify({ result: line })}\n`;
    for (const line of [...platform.lines]) if (isWanted(query, line)) yield text(line);
    try {
      for await (const [line] of written) if (isWanted(query, line)) yield text(line as LogLine);
    } catch {
      // Whoever listened has left.
    }
  }
  return {
    'GET /v1/streams/logs/query': (call) => {
      const query = readFilters(call, { end: 'time', ...ORDER });
      const { start = [''], end = ['~'], limit = ['100'], order = ['desc'] } = query;
      const found = platform.lines.filter(
        (line) =>
          isWanted(query, line) &&
          line.created_at >= (start[0] as string) &&
          line.created_at <= (end[0] as string),
      );
      const sorted = order[0] === 'asc' ? found : [...found].reverse();
      const data = sorted.slice(0, Number(limit[0]));
      return { body: { data, pagination: { has_more: data.length < found.length } } };
    },
    // As a grpc-gateway streams: lines of JSON that call themselves JSON, in chunks without an end.
    'GET /v1/streams/logs/tail': (call) => ({ pieces: follow(readFilters(call), call.gone) }),
  };
}
