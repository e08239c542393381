/** Serves, is called, stops, and does not end the process: it has to end by itself. */
import { createGateway } from '../../src/gateway/gateway.ts';
import { initialize, sendRaw } from './agent.ts';
import { send } from './http.ts';

const [file, upstream] = process.argv.slice(2) as [string, string];
const gateway = await createGateway({
  files: [file],
  restPort: 0,
  mcpPort: 0,
  environment: {},
  baseUris: { 'things-api': upstream },
});
const [rest, mcp] = gateway.listeners.map(({ port }) => `http://127.0.0.1:${port}`) as [
  string,
  string,
];
const answer = await send(rest, '/items');
const session = await sendRaw(`${mcp}/mcp`, initialize(), {});
process.stdout.write(`${answer.status} ${session.status} `);
await gateway.stop();
process.stdout.write('stopped');
