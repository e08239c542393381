import { invalid, noPermission, notFound, ok, refused } from './cloudillo-answers.ts';
import { loginOf, needAccount, tokenFor } from './cloudillo-credentials.ts';
import { type Account, secretOf, type World } from './cloudillo-world.ts';
import { jsonObject } from './extract.ts';
import type { Call, Routes } from './service.ts';

/** Logging in and out, passwords and tokens. */
export function accountRoutes(world: World): Routes {
  const { mode, accounts } = world;
  const isReal = mode === 'real';
  const byIdTag = (idTag: unknown): Account | undefined => accounts.get(String(idTag));

  function checkNew(password: unknown): string {
    const text = String(password);
    if (text.trim() === '') throw invalid('Password cannot be empty or only whitespace');
    if (Buffer.byteLength(text) < 8) throw invalid('Password must be at least 8 characters');
    return text;
  }
  function setPassword(account: Account, password: string): void {
    account.password = password;
    world.secrets.add(password);
  }

  const routes: Routes = {
    'POST /api/auth/login': (call) => {
      world.limit();
      const { idTag, password } = jsonObject(call, { idTag: 'string', password: 'string' });
      const account = byIdTag(idTag);
      if (account === undefined || account.password !== password) throw noPermission();
      if (account.code !== undefined) throw noPermission();
      return ok(world, loginOf(world, account));
    },
    'POST /api/auth/logout': (call) => {
      const account = needAccount(world, call);
      const { apiKey } = isReal || call.body !== '' ? jsonObject(call, { apiKey: 'string?' }) : {};
      const at = account.keys.findIndex(({ secret }) => secret === apiKey);
      if (at !== -1) account.keys.splice(at, 1);
      // A real token stays good until it ends.
      if (!isReal) world.ended.add(String(world.jwt.read(bearerOf(call))?.jti));
      return ok(world, null);
    },
    'POST /api/auth/password': (call) => {
      const account = needAccount(world, call);
      const body = isReal
        ? jsonObject(call, { currentPassword: 'string', newPassword: 'string' })
        : jsonObject(call, {
            currentPassword: 'string?',
            oldPassword: 'string?',
            newPassword: 'string',
          });
      const current = body.currentPassword ?? body.oldPassword;
      // What is wrong with the new one is said before the current one is looked at.
      const next = checkNew(body.newPassword);
      if (next === current) throw invalid('New password must be different from current password');
      if (current !== account.password) throw noPermission();
      setPassword(account, next);
      return ok(world, isReal ? null : { success: true });
    },
    'POST /api/auth/set-password': (call) => {
      world.limit();
      const body = isReal
        ? jsonObject(call, { refId: 'string', newPassword: 'string' })
        : jsonObject(call, { token: 'string', password: 'string' });
      const next = checkNew(body.newPassword ?? body.password);
      const ref = String(body.refId ?? body.token);
      const account = [...accounts.values()].find(({ refs }) => refs.has(ref));
      if (account === undefined) throw invalid('Invalid or expired reference');
      setPassword(account, next);
      account.refs.delete(ref);
      return ok(world, isReal ? loginOf(world, account) : { success: true });
    },
    'POST /api/auth/forgot-password': (call) => {
      world.limit();
      const body = jsonObject(call, isReal ? { email: 'string' } : { idTag: 'string' });
      const named = ({ idTag, email }: Account) =>
        isReal ? email === body.email : idTag === body.idTag;
      const account = [...accounts.values()].find(named);
      account?.refs.add(secretOf(world, 'ref_'));
      const message = 'If an account with this email exists, a link has been sent.';
      return ok(world, isReal ? { message } : { sent: true });
    },
  };
  return isReal ? routes : { ...routes, ...registrationRoutes(world) };
}

/** What only the older document has; a real server answers 404. */
function registrationRoutes(world: World): Routes {
  const { accounts } = world;
  return {
    'POST /api/auth/register': (call) => {
      world.limit();
      const body = jsonObject(call, { idTag: 'string', password: 'string', name: 'string?' });
      const idTag = String(body.idTag);
      if (accounts.has(idTag)) throw refused(409, 'E-CORE-CONFLICT', 'This identity is taken');
      const account = addAccount(world, {
        idTag,
        password: String(body.password),
        name: String(body.name ?? idTag),
      });
      account.code = String(100_000 + accounts.size);
      const { tnId, name } = account;
      return { body: { data: { tnId, idTag, name, token: tokenFor(world, account) } } };
    },
    'POST /api/auth/register-verify': (call) => {
      world.limit();
      const { idTag, code } = jsonObject(call, { idTag: 'string', code: 'string' });
      const account = accounts.get(String(idTag));
      if (account === undefined || account.code === undefined || account.code !== code)
        throw invalid('Invalid or expired code');
      account.code = undefined;
      const { tnId, name } = account;
      const data = { tnId, idTag, name, token: tokenFor(world, account), verified: true };
      return ok(world, data, 200, 'old');
    },
    'GET /api/me/keys': () => {
      const [account] = accounts.values();
      if (account === undefined) throw notFound();
      const publicKey = '-----BEGIN PUBLIC KEY-----';
      return ok(world, { idTag: account.idTag, name: account.name, publicKey }, 200, 'old');
    },
  };
}

export function addAccount(
  world: World,
  given: { readonly idTag: string; readonly password: string; readonly name: string },
): Account {
  const account: Account = {
    ...given,
    tnId: world.accounts.size + 1,
    email: `mail@${given.idTag.replace('@', '.')}`,
    code: undefined,
    refs: new Set(),
    keys: [],
    passkeys: [],
  };
  world.accounts.set(given.idTag, account);
  world.secrets.add(given.password);
  return account;
}

const bearerOf = ({ headers }: Call): string =>
  (headers.authorization ?? '').slice('Bearer '.length);
