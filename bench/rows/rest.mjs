// REST: answers handed on, in four sizes, and a body taken in.
import assert from 'node:assert/strict';
import {
  dispatch,
  express,
  fastGateway,
  gateway,
  httpProxy,
  nginx,
  pipe,
  replyFrom,
} from '../contestants.mjs';
import { BODY, CREATED, DOCUMENTS } from '../payload.mjs';

const get = (size, more) => ({
  connections: 64,
  request: { method: 'GET', path: `/${size}/42` },
  check: (json) => assert.deepEqual(json, DOCUMENTS[size]),
  ...more,
});

export const restRows = [
  get('2kb', {
    name: 'rest-get-2kb',
    title: 'REST, GET 2 KB',
    pace: 'long',
    quick: true,
    quickWithout: [httpProxy, fastGateway],
    contestants: [gateway(), dispatch, pipe, nginx, express, replyFrom, httpProxy, fastGateway],
  }),
  {
    name: 'rest-post-1kb',
    title: 'REST, POST 1 KB',
    pace: 'middle',
    connections: 64,
    request: { method: 'POST', path: '/items', body: BODY },
    check: (json) => assert.deepEqual(json, CREATED),
    contestants: [gateway(), dispatch, pipe, nginx, express, replyFrom, httpProxy],
  },
  get('200b', {
    name: 'rest-get-200b',
    title: 'REST, GET 200 B',
    pace: 'short',
    contestants: [gateway(), dispatch, pipe, nginx, express],
  }),
  get('50kb', {
    name: 'rest-get-50kb',
    title: 'REST, GET 50 KB',
    pace: 'short',
    contestants: [gateway(), dispatch, pipe, nginx, express],
  }),
  get('1mb', {
    name: 'rest-get-1mb',
    title: 'REST, GET 1 MB',
    pace: 'middle',
    connections: 16,
    contestants: [gateway(), dispatch, pipe, nginx],
  }),
];
