// fast-gateway as its README has it: one route for all.
import process from 'node:process';
import { peer } from '../peers.mjs';

const { default: gateway } = await peer('fast-gateway');
const service = gateway({ routes: [{ prefix: '', prefixRewrite: '', target: process.argv[2] }] });
const server = await service.start(0, '127.0.0.1');
process.send(server.address().port);
process.on('disconnect', () => process.exit());
