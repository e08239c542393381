// A gateway as it is usually written by hand: Express, its JSON body parser, undici's request.
import http from 'node:http';
import process from 'node:process';
import express from 'express';
import { request } from 'undici';
import { listen } from './listen.mjs';

const origin = process.argv[2];
const app = express();
app.use(express.json());

app.get('/items/:id', async (incoming, response) => {
  const answer = await request(`${origin}/items/${encodeURIComponent(incoming.params.id)}`);
  response.status(answer.statusCode).json(await answer.body.json());
});

app.post('/items', async (incoming, response) => {
  const answer = await request(`${origin}/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(incoming.body),
  });
  response.status(answer.statusCode).json(await answer.body.json());
});

listen(http.createServer(app));
