// The consumed API where nginx is not there: as little work as node:http allows. With an argument it
// answers that many milliseconds late.
import http from 'node:http';
import { CREATED, DOCUMENTS } from '../payload.mjs';
import { listen } from './listen.mjs';

const late = Number(process.argv[2] ?? 0);
const answers = new Map(
  Object.entries({ ...DOCUMENTS, items: CREATED }).map(([name, document]) => {
    const body = Buffer.from(JSON.stringify(document));
    const headers = ['content-type', 'application/json', 'content-length', String(body.length)];
    return [name, { body, headers }];
  }),
);

const server = http.createServer((request, response) => {
  const { body, headers } = answers.get(request.url.split('/')[1]);
  request.resume();
  request.on('end', () => {
    if (late > 0) setTimeout(answer, late, response, headers, body);
    else answer(response, headers, body);
  });
});
server.keepAliveTimeout = 0;

function answer(response, headers, body) {
  response.writeHead(200, headers);
  response.end(body);
}

listen(server);
