// Fastify with @fastify/reply-from, as its README has it.
import process from 'node:process';
import { peer } from '../peers.mjs';

const { default: fastify } = await peer('fastify');
const { default: replyFrom } = await peer('@fastify/reply-from');
const app = fastify();
app.register(replyFrom, { base: process.argv[2], undici: { connections: 64 } });
app.all('/*', (request, reply) => reply.from(request.url));
await app.listen({ port: 0, host: '127.0.0.1' });
process.send(app.server.address().port);
process.on('disconnect', () => process.exit());
