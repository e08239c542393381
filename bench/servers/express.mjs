// A gateway as it is usually written by hand: Express as installed, undici's request, the body piped.
import http from 'node:http';
import process from 'node:process';
import express from 'express';
import { openPool } from './collect.mjs';
import { listen } from './listen.mjs';

const pool = openPool(process.argv[2]);
const app = express();

app.get('/:size/:id', async (incoming, response) => {
  const { size, id } = incoming.params;
  const path = `/${size}/${encodeURIComponent(id)}`;
  hand(await pool.request({ method: 'GET', path }), response);
});

app.post('/items', express.json(), async (incoming, response) => {
  const answer = await pool.request({
    method: 'POST',
    path: '/items',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(incoming.body),
  });
  hand(answer, response);
});

listen(http.createServer(app));

function hand({ statusCode, headers, body }, response) {
  response.status(statusCode).set('content-type', headers['content-type']);
  response.set('content-length', headers['content-length']);
  body.pipe(response);
}
