import { notFound, ok } from './cloudillo-answers.ts';
import { needAccount } from './cloudillo-credentials.ts';
import { type ApiKey, isoTime, seconds, secretOf, type World } from './cloudillo-world.ts';
import { integerParam, jsonObject } from './extract.ts';
import type { Answer, Call, Routes } from './service.ts';

/** API keys, whose secret is shown when they are made and never again. */
export function keyRoutes(world: World): Routes {
  const isReal = world.mode === 'real';
  let made = 0;

  function fieldsOf(call: Call): Pick<ApiKey, 'name' | 'scope' | 'expiresAt'> {
    const body = isReal
      ? jsonObject(call, { name: 'string?', scopes: 'string?', expiresAt: 'integer?' })
      : jsonObject(call, { name: 'string?', scope: 'string?', expiresAt: 'string?' });
    return { name: body.name, scope: isReal ? body.scopes : body.scope, expiresAt: body.expiresAt };
  }

  function shown(key: ApiKey): object {
    const { id, name, expiresAt, lastUsedAt, createdAt, scope, secret } = key;
    if (isReal) {
      const keyPrefix = secret.slice(0, 'cl_'.length + 8);
      return { keyId: id, keyPrefix, name, scopes: scope, expiresAt, lastUsedAt, createdAt };
    }
    const used = lastUsedAt === undefined ? {} : { lastUsedAt: isoTime(world, lastUsedAt) };
    const times = { createdAt: isoTime(world, createdAt), ...used, expiresAt };
    return { keyId: `key_${id}`, name, scope, ...times };
  }

  function find(call: Call): { readonly keys: ApiKey[]; readonly key: ApiKey } {
    const { keys } = needAccount(world, call);
    const text = call.params.key_id;
    const id = isReal ? integerParam(text) : Number(text?.replace('key_', ''));
    const key = keys.find((each) => each.id === id);
    if (key === undefined) throw notFound();
    return { keys, key };
  }

  return {
    'GET /api/auth/api-keys': (call) =>
      // The newest first.
      ok(world, needAccount(world, call).keys.map(shown).reverse()),
    'POST /api/auth/api-keys': (call): Answer => {
      const { keys } = needAccount(world, call);
      const fields = fieldsOf(call);
      made += 1;
      const secret = secretOf(world, isReal ? 'cl_' : 'ck_live_');
      const key: ApiKey = {
        id: made,
        secret,
        ...fields,
        createdAt: seconds(world),
        lastUsedAt: undefined,
      };
      keys.push(key);
      const once = isReal ? { plaintextKey: secret } : { key: secret };
      return ok(world, { ...shown(key), ...once }, isReal ? 201 : 200);
    },
    'GET /api/auth/api-keys/{key_id}': (call) => ok(world, shown(find(call).key)),
    'PATCH /api/auth/api-keys/{key_id}': (call) => {
      const { key } = find(call);
      const fields = fieldsOf(call);
      // The real server takes what is left out for null.
      const given = Object.entries(fields).filter(([, value]) => isReal || value !== undefined);
      Object.assign(key, Object.fromEntries(given));
      return ok(world, shown(key));
    },
    'DELETE /api/auth/api-keys/{key_id}': (call) => {
      const { keys, key } = find(call);
      keys.splice(keys.indexOf(key), 1);
      return ok(world, isReal ? null : 'ok');
    },
  };
}
