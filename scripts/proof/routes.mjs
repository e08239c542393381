// Which REST route of a capability file stands for which operation of the API, read from the file
// alone, so that a request of the API's own collection can be sent to the gateway instead.
import fs from 'node:fs';
import { parse } from 'yaml';
import { bestFit, isParameter, segmentsOf } from './documents.mjs';

/**
 * @returns {{ namespaces: string[], routes: { method: string, path: string, exposed: string }[],
 *   tools: { name: string, method: string, path: string, inputs: { name: string, target: string,
 *   in: string }[] }[] }} `path` is the API's own; `inputs`: which parameter of it each one feeds
 */
export function routesOf(files, { isPrefixed = false } = {}) {
  const all = files.map((file) => parse(fs.readFileSync(file, 'utf8')).capability);
  const consumes = all.flatMap((each) => each.consumes);
  const operationOf = new Map();
  for (const { namespace, resources, authentication } of consumes) {
    for (const { path, operations } of resources ?? []) {
      for (const { name, method, body, inputParameters = [] } of operations) {
        const key = `${namespace}.${name}`;
        // The first of a name is the one that a call means.
        if (!operationOf.has(key))
          operationOf.set(key, {
            method: method ?? 'GET',
            path,
            hasOwnBody: body !== undefined,
            parameters: inputParameters,
            hasCredential: authentication !== undefined,
          });
      }
    }
  }
  const exposes = all.flatMap((each) => each.exposes);
  const routes = exposes.flatMap(({ type, namespace, resources }) =>
    type !== 'rest'
      ? []
      : (resources ?? []).flatMap(({ path, operations }) =>
          (operations ?? []).flatMap(({ method, call }) => {
            const target = operationOf.get(call);
            const exposed = isPrefixed ? `/${namespace}${path}` : path;
            return target ? [{ ...target, exposed, as: method ?? 'GET' }] : [];
          }),
        ),
  );
  const tools = exposes.flatMap(({ type, namespace, tools: listed }) =>
    type !== 'mcp'
      ? []
      : (listed ?? []).map(({ name, call, with: given }) => {
          const target = operationOf.get(call);
          return { ...target, name, namespace, inputs: inputsOf(target, given) };
        }),
  );
  const namespaces = consumes.filter(({ baseUri }) => baseUri).map(({ namespace }) => namespace);
  return { namespaces, routes, tools };
}

/** A variable of the path needs no declaration. */
function inputsOf({ path, parameters }, given) {
  const declared = new Map(parameters.map((each) => [each.name, each.in]));
  for (const [, name] of path.matchAll(/\{([^}]+)\}/g)) declared.set(name, 'path');
  const fed = new Map(
    Object.entries(given ?? {}).map(([target, from]) => [
      target,
      String(from).replace(/^[^.]*\./, ''),
    ]),
  );
  return Array.from(declared, ([target, place]) => ({
    target,
    in: place,
    name: fed.get(target) ?? target,
  }));
}

/** The item as the gateway serves it; undefined when no route stands for it. */
export function rerouted(item, routes) {
  const { request } = item;
  const found = bestFit(routes, request.method, request.url.path);
  if (found === undefined) return undefined;
  const wanted = segmentsOf(found.path);
  const given = request.url.path.filter((_, at) => isParameter(wanted[at]));
  const path = segmentsOf(found.exposed).map((each) => (isParameter(each) ? given.shift() : each));
  const hasOwnBody = found.hasOwnBody;
  return {
    ...item,
    hasOwnBody,
    request: { ...request, method: found.as, url: { ...request.url, path } },
  };
}
