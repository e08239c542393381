// The consumed API: as little work as node:http allows.
import http from 'node:http';
import { ANSWER } from '../payload.mjs';
import { listen } from './listen.mjs';

const answer = Buffer.from(ANSWER);
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

listen(
  http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, headers);
      response.end(answer);
    });
  }),
);
