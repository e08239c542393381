// A bare pass-through as usually written: node:http and undici's request, the body piped.
import http from 'node:http';
import process from 'node:process';
import { openPool } from './collect.mjs';
import { listen } from './listen.mjs';

const pool = openPool(process.argv[2]);

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
