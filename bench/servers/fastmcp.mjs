// A server of fastmcp in its default way, with sessions.
import process from 'node:process';
import { freePort } from '../../scripts/free-port.mjs';
import { peer } from '../peers.mjs';
import { openPool } from './collect.mjs';

const { FastMCP } = await peer('fastmcp');
const { z } = await peer('zod');
const pool = openPool(process.argv[2]);
const server = new FastMCP({ name: 'bench', version: '1.0.0' });

server.addTool({
  name: 'get-item',
  description: 'Read one item.',
  parameters: z.object({ id: z.string() }),
  execute: async ({ id }) => {
    const path = `/2kb/${encodeURIComponent(id)}`;
    const { body } = await pool.request({ method: 'GET', path });
    return body.text();
  },
});

const port = await freePort();
await server.start({ transportType: 'httpStream', httpStream: { port, host: '127.0.0.1' } });
process.send(port);
process.on('disconnect', () => process.exit());
