// Mapped answers as a careful hand writes them: the bare dispatch loop, the answer parsed once, shaped
// and written once. `jsonpath-plus` shapes the same array with a path for each field of each item.
import http from 'node:http';
import process from 'node:process';
import { JSONPath } from 'jsonpath-plus';
import { toArray, toObject } from '../payload.mjs';
import { collect, openPool } from './collect.mjs';
import { listen } from './listen.mjs';

const pool = openPool(process.argv[2]);
const shapes = {
  object: { from: '2kb', shape: toObject },
  array: { from: '2kb', shape: toArray },
  'rebuilt-2kb': { from: '2kb', shape: (value) => value },
  'rebuilt-50kb': { from: '50kb', shape: (value) => value },
  'jsonpath-plus': { from: '2kb', shape: byPaths },
};

listen(
  http.createServer((request, response) => {
    const [, name, id] = request.url.split('/');
    const failed = (error) => response.writeHead(502).end(error.message);
    if (name === 'two-steps') return twoSteps(id, response, failed);
    const { from, shape } = shapes[name];
    get(`/${from}/${id}`, (body) => send(response, shape(JSON.parse(body))), failed);
  }),
);

function twoSteps(id, response, failed) {
  const second = (order) =>
    get(
      `/2kb/${encodeURIComponent(order.id)}`,
      (body) => send(response, { name: order.name, total: JSON.parse(body).total }),
      failed,
    );
  get(`/200b/${id}`, (body) => second(JSON.parse(body)), failed);
}

function get(path, done, failed) {
  collect(pool, { method: 'GET', path }, (_, __, body) => done(body), failed);
}

function send(response, value) {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
  ]);
  response.end(body);
}

function byPaths(json) {
  const one = (item, path) => JSONPath({ path, json: item, wrap: false });
  return JSONPath({ path: '$.items', json, wrap: false }).map((item) => ({
    id: one(item, '$.id'),
    name: one(item, '$.name'),
    owner: one(item, '$.nested.owner.name'),
    created: one(item, '$.nested.created'),
  }));
}
