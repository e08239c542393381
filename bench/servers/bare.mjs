// The yardstick: bare node:http and undici, the body piped, no routes, no checks.
import http from 'node:http';
import process from 'node:process';
import { Pool } from 'undici';
import { listen } from './listen.mjs';

const pool = new Pool(process.argv[2], { connections: 64 });

listen(
  http.createServer(async (request, response) => {
    try {
      const { statusCode, headers, body } = await pool.request({
        method: request.method,
        path: request.url,
        headers: request.method === 'POST' ? { 'content-type': 'application/json' } : undefined,
        body: request.method === 'POST' ? request : undefined,
      });
      response.writeHead(statusCode, {
        'content-type': headers['content-type'],
        'content-length': headers['content-length'],
      });
      body.pipe(response);
    } catch (error) {
      response.writeHead(502).end(error.message);
    }
  }),
);
