// http-proxy with connections that are kept.
import http from 'node:http';
import process from 'node:process';
import { peer } from '../peers.mjs';
import { listen } from './listen.mjs';

const { default: httpProxy } = await peer('http-proxy');
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ target: process.argv[2], agent });
proxy.on('error', (error, _, response) => response.writeHead(502).end(error.message));
listen(http.createServer((request, response) => proxy.web(request, response)));
