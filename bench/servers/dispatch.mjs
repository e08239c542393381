// The limit: bare node:http and undici's dispatch, the answer collected and written once.
import http from 'node:http';
import process from 'node:process';
import { collect, openPool, readBody } from './collect.mjs';
import { listen } from './listen.mjs';

const pool = openPool(...process.argv.slice(2));
const JSON_BODY = ['content-type', 'application/json'];

listen(
  http.createServer((request, response) => {
    if (request.method === 'GET') relay(request, response);
    else readBody(request, (body) => relay(request, response, JSON_BODY, body));
  }),
);

function relay({ method, url }, response, headers, body) {
  collect(
    pool,
    { method, path: url, headers, body },
    (status, type, answer) => {
      response.writeHead(status, ['content-type', type, 'content-length', String(answer.length)]);
      response.end(answer);
    },
    (error) => response.writeHead(502).end(error.message),
  );
}
