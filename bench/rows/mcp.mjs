// MCP: calls of a tool in both eras, and lists of many tools.
import assert from 'node:assert/strict';
import {
  fastmcp,
  gateway,
  handMcp,
  handUnchecked,
  sdkSession,
  sdkSessionJson,
  sdkStateless,
} from '../contestants.mjs';
import { bare, CALL, inSession, modern } from '../mcp-requests.mjs';
import { DOCUMENTS } from '../payload.mjs';

const called = ({ result }) => {
  assert.deepEqual(JSON.parse(result.content[0].text), DOCUMENTS['2kb']);
  assert.deepEqual(result.structuredContent, DOCUMENTS['2kb']);
};
/** fastmcp gives text alone. */
const calledText = ({ result }) =>
  assert.deepEqual(JSON.parse(result.content[0].text), DOCUMENTS['2kb']);

const by = (contestant, request, more) => ({ ...contestant, request, ...more });

export const mcpRows = [
  {
    name: 'mcp-call',
    title: 'MCP, tools/call of 2 KB',
    pace: 'long',
    quick: true,
    quickWithout: [handUnchecked, sdkSessionJson],
    connections: 32,
    check: called,
    contestants: [
      by(gateway(), bare(CALL)),
      by(gateway('gateway, session'), inSession(CALL)),
      by(gateway('gateway, 2026-07-28'), modern(CALL)),
      by(handMcp, bare(CALL)),
      by(handUnchecked, bare(CALL)),
      by(sdkSession, inSession(CALL)),
      by(sdkSessionJson, inSession(CALL)),
      by(sdkStateless, bare(CALL)),
      by(fastmcp, inSession(CALL), { check: calledText }),
    ],
  },
];
