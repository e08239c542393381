// Who takes part: each name and how it is started.
import path from 'node:path';
import { nginxVersion, startProxy } from './nginx.mjs';
import { startMeasuredGateway, startServer } from './processes.mjs';

export const CAPABILITY = path.join(import.meta.dirname, 'capability.yaml');

/** The gateway with its defaults; `more`: further arguments, a function of the run's folder. */
export const gateway = (name = 'gateway', more = () => [CAPABILITY]) => ({
  name,
  start: async (bench) =>
    startMeasuredGateway([...(await more(bench)), '--base-uri', `bench=${bench.upstream.origin}`]),
});

export const server = (name, file, ...args) => ({
  name,
  start: ({ upstream }) => startServer(file, [upstream.origin, ...args]),
});

export const nginx = {
  name: 'nginx',
  isMissing: nginxVersion === undefined,
  start: ({ folder, upstream }) => startProxy(folder, upstream.origin),
};
export const dispatch = server('bare, dispatch', 'dispatch');
export const pipe = server('bare, request piped', 'pipe');
export const express = server('Express 5 + undici', 'express');
export const replyFrom = server('@fastify/reply-from', 'fastify');
export const httpProxy = server('http-proxy', 'http-proxy');
export const fastGateway = server('fast-gateway', 'fast-gateway');
export const byHand = server('bare, by hand', 'hand');

export const handMcp = server('by hand', 'hand-mcp', 'checked');
export const handUnchecked = server('by hand, unchecked', 'hand-mcp', 'unchecked');
export const sdkStateless = server('SDK, stateless', 'sdk', 'stateless', 'sse');
export const sdkSession = server('SDK, session, SSE', 'sdk', 'session', 'sse');
export const sdkSessionJson = server('SDK, session, JSON', 'sdk', 'session', 'json');
export const fastmcp = server('fastmcp', 'fastmcp');
export const sdkWithTools = (count) =>
  server('SDK, stateless', 'sdk', 'stateless', 'sse', String(count));
/** Sends the bytes of a list that it finds in a file of the run's folder. */
export const bytesOf = (file) => ({
  name: 'these bytes sent',
  start: ({ folder, upstream }) =>
    startServer('hand-mcp', [upstream.origin, 'checked', path.join(folder, file)]),
});
