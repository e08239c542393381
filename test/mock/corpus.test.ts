import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { ConsumedParameter, ConsumesHttp } from '../../src/document/document.ts';
import { loadFile } from '../../src/document/load.ts';
import { type MockOptions, startMock } from '../../src/mock/server.ts';
import { type Call, callerOf } from './caller.ts';

type MockBlock = MockOptions['consumes'][number];

const CORPUS = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus');
const PROVIDERS = ['airtable', 'amazon-ec2', 'cloudally', 'gitea', 'jenkins', 'weatherbit'];
const skip = existsSync(CORPUS) ? false : 'the published files are not here';

async function blocksOf(provider: string): Promise<MockBlock[]> {
  const folder = path.join(CORPUS, 'capabilities', provider);
  const blocks: MockBlock[] = [];
  for (const file of readdirSync(folder).sort()) {
    const { document } = await loadFile(path.join(folder, file));
    for (const consumes of (document?.capability?.consumes ?? []) as ConsumesHttp[]) {
      blocks.push({ key: `${provider}/${file}#${consumes.namespace}`, consumes });
    }
  }
  return blocks;
}

const SAMPLES: Readonly<Record<string, string>> = { integer: '7', number: '1.5', boolean: 'true' };
const sampleOf = (parameter: ConsumedParameter | undefined): string =>
  SAMPLES[parameter?.type ?? ''] ?? 'a b/é';

/** A request that is right in every point for one published operation. */
function rightCall(block: ConsumesHttp, route: string, parameters: readonly ConsumedParameter[]) {
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    if (parameter.in === 'query') query.append(parameter.name, sampleOf(parameter));
    if (parameter.in === 'header') headers[parameter.name] = '7';
  }
  const { authentication } = block;
  if (authentication?.type === 'bearer') headers.authorization = 'Bearer t';
  if (authentication?.type === 'basic') headers.authorization = `Basic ${btoa('u:p')}`;
  if (authentication?.type === 'apikey') {
    const name = authentication.key ?? authentication.name ?? '';
    if ((authentication.placement ?? authentication.in) === 'query') query.append(name, 'k');
    else headers[name] = 'k';
  }
  const filled = (route.split('#')[0] ?? '').replace(/\{\{?([^{}]+)\}?\}/g, (_, name) =>
    encodeURIComponent(sampleOf(parameters.find((p) => p.in === 'path' && p.name === name))),
  );
  const pairs = query.toString();
  const target = pairs === '' ? filled : `${filled}${filled.includes('?') ? '&' : '?'}${pairs}`;
  const body = parameters.some((parameter) => parameter.in === 'body') ? { a: 1 } : undefined;
  return { target, call: { headers, body } satisfies Call };
}

test('published operations: the right request is taken, without its credential not', {
  skip,
}, async (t) => {
  const blocks = (await Promise.all(PROVIDERS.map(blocksOf))).flat();
  const mock = await startMock({ consumes: blocks });
  t.after(() => mock.close());
  let seen = 0;
  for (const { key, consumes } of blocks) {
    const send = callerOf(mock.baseUri(key));
    for (const resource of consumes.resources ?? []) {
      for (const operation of resource.operations ?? []) {
        const { method = 'GET', inputParameters: parameters = [] } = operation;
        const { target, call } = rightCall(consumes, resource.path, parameters);
        const { status, text, json } = await send(method, target, call);
        const label = `${key} ${method} ${resource.path}: ${text}`;
        assert.equal(status, 200, label);
        assert.equal(json.method, method, label);
        seen += 1;
      }
    }
    const [resource] = consumes.resources ?? [];
    const [operation] = resource?.operations ?? [];
    if (resource === undefined || operation === undefined) continue;
    if (consumes.authentication !== undefined) {
      const { target, call } = rightCall(
        { ...consumes, authentication: { type: 'oauth2' } },
        resource.path,
        operation.inputParameters ?? [],
      );
      assert.equal((await send(operation.method ?? 'GET', target, call)).status, 401, key);
    }
  }
  assert.ok(seen > 500, `only ${seen} operations were tried`);
});

test('published documents: answers are the documents’ own', { skip }, async (t) => {
  const documents: [string, string, number][] = [
    ['koyeb', 'koyeb-openapi.json', 1],
    ['netlify', 'netlify-openapi-original.yml', 0.9],
    ['cloudally', 'cloudally-openapi.yml', 0],
  ];
  for (const [provider, document, share] of documents) {
    const openapi = path.join(CORPUS, 'openapi', provider, document);
    const blocks = (await blocksOf(provider)).slice(0, 3);
    const mock = await startMock({ consumes: blocks.map((block) => ({ ...block, openapi })) });
    t.after(() => mock.close());
    let tried = 0;
    let own = 0;
    for (const { key, consumes } of blocks) {
      const send = callerOf(mock.baseUri(key));
      for (const resource of consumes.resources ?? []) {
        for (const operation of resource.operations ?? []) {
          if ((operation.method ?? 'GET') !== 'GET') continue;
          const parameters = operation.inputParameters ?? [];
          const { target, call } = rightCall(consumes, resource.path, parameters);
          const { status, json, text } = await send('GET', target, call);
          assert.ok(status >= 200 && status < 300, `${key} ${target}: ${status} ${text}`);
          tried += 1;
          if (json?.mock !== true) own += 1;
        }
      }
    }
    assert.ok(tried > 0 && own >= tried * share, `${provider}: ${own} of ${tried}`);
  }
});
