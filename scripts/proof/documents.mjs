// The published descriptions of the two APIs, mended where a strict reader could not use them.
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
// A token that says itself when it ends, as the real ones do; nobody checks its signature.
const TOKENS = {
  accessToken: [{ alg: 'none' }, { exp: 4_102_444_800 }, {}].map(encoded).join('.'),
  refreshToken: 'sample-refresh',
  expiresIn: 3600,
};

/** Koyeb's document never says that bodies are JSON, without which a validator refuses every body. */
export function koyebDocument(corpus) {
  const file = path.join(corpus, 'openapi', 'koyeb', 'koyeb-openapi.json');
  const json = ['application/json'];
  return { ...JSON.parse(fs.readFileSync(file, 'utf8')), consumes: json, produces: json };
}

/**
 * CloudAlly's document describes no answer's content, and asks for a token where tokens are got: the
 * answers get an example, and the three ways in need no token.
 */
export function cloudallyDocument(corpus) {
  const file = path.join(corpus, 'openapi', 'cloudally', 'cloudally-openapi.yml');
  const document = parse(fs.readFileSync(file, 'utf8'));
  for (const { path: template, operation } of operationsOf(document)) {
    const isLogin = template.startsWith('/auth');
    if (isLogin) operation.security = [];
    const example = isLogin ? TOKENS : { operation: operation.operationId, ok: true, count: 2 };
    for (const response of Object.values(operation.responses)) {
      response.content ??= { 'application/json': { example } };
    }
  }
  return document;
}

/** @returns {{ method: string, path: string, operation: object, parameters: object[] }[]} */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => ({
      method: method.toUpperCase(),
      path: template,
      operation: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
    })),
  );
}

/** Whether a path's segments fit a template's; a parameter of either side fits anything. */
function fits(template, segments) {
  const wanted = segmentsOf(template);
  return (
    wanted.length === segments.length &&
    wanted.every((each, at) => isParameter(each) || each === segments[at])
  );
}

export const segmentsOf = (template) => template.split('/').filter(Boolean);
export const isParameter = (segment) => /^(:|\{)/.test(segment);

/** Of those that fit, the one with the fewest parameters: `/v1/apps/me` is not `/v1/apps/{id}`. */
export function bestFit(list, method, segments, templateOf = (each) => each.path) {
  const parameters = (each) => segmentsOf(templateOf(each)).filter(isParameter).length;
  return list
    .filter((each) => each.method === method && fits(templateOf(each), segments))
    .sort((one, other) => parameters(one) - parameters(other))[0];
}

function encoded(part) {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
