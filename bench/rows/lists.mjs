// MCP: lists of few and many tools, beside the plain sending of the same bytes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { bytesOf, gateway, sdkWithTools } from '../contestants.mjs';
import { withTools } from '../generated.mjs';
import { answerOf, bare, LIST, modern } from '../mcp-requests.mjs';

/** Fewer connections than elsewhere: an SDK needs a second for a few lists of 1,000. */
const CONNECTIONS = 16;

export const listRows = [3, 50, 500, 1_000].map((count) => {
  const file = `list-${count}.json`;
  const listed = ({ result }) => assert.ok(result.tools.length >= count, 'tools are missing');
  const own = (name, request) => ({
    ...gateway(name, ({ folder }) => [withTools(folder, count)]),
    request,
  });
  return {
    name: `mcp-list-${count}`,
    title: `MCP, tools/list of ${count.toLocaleString('en')}`,
    // An SDK gets faster for long.
    pace: count === 3 || count === 500 ? 'middle' : 'short',
    quick: count === 1_000,
    connections: CONNECTIONS,
    check: listed,
    contestants: [
      own('gateway', bare(LIST)),
      own('gateway, 2026-07-28', modern(LIST)),
      { ...saving(bytesOf(file), file, count), request: bare(LIST) },
      ...(count < 1_000 ? [{ ...sdkWithTools(count), request: bare(LIST) }] : []),
    ],
  };
});

/** A contestant that is started once the gateway's own list is in its file. */
function saving(contestant, file, count) {
  return {
    ...contestant,
    start: async (bench) => {
      const one = gateway('', ({ folder }) => [withTools(folder, count)]);
      const server = await one.start(bench);
      try {
        const { result } = await answerOf(await bare(LIST)(server));
        fs.writeFileSync(path.join(bench.folder, file), JSON.stringify(result));
      } finally {
        await server.stop();
      }
      return contestant.start(bench);
    },
  };
}
