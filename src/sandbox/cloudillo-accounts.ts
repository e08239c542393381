import {
  type Account,
  accountOf,
  loginOf,
  maybeAccount,
  needAccount,
  notFound,
  ok,
  refused,
  seconds,
  secretOf,
  tokenFor,
  type World,
} from './cloudillo-world.ts';
import { jsonObject } from './extract.ts';
import type { Call, Routes } from './service.ts';

const wrongPassword = () => refused(403, 'E-AUTH-NOPERM', 'You have no permission');
const invalid = (message: string) => refused(400, 'E-VAL-INVALID', message);

/** Logging in and out, passwords and tokens. */
export function accountRoutes(world: World): Routes {
  const { mode, accounts } = world;
  const isReal = mode === 'real';
  const byIdTag = (idTag: unknown): Account | undefined => accounts.get(String(idTag));

  function changePassword(account: Account, password: unknown): void {
    if (String(password).length < 8) throw invalid('Password must be at least 8 characters');
    if (password === account.password) throw invalid('The new password must differ');
    account.password = String(password);
    world.secrets.add(String(password));
  }

  const routes: Routes = {
    'POST /api/auth/login': (call) => {
      world.limit();
      const { idTag, password } = jsonObject(call, { idTag: 'string', password: 'string' });
      const account = byIdTag(idTag);
      if (account === undefined || account.password !== password) throw wrongPassword();
      if (account.code !== undefined) throw wrongPassword();
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
      if ((body.currentPassword ?? body.oldPassword) !== account.password) throw wrongPassword();
      changePassword(account, body.newPassword);
      return ok(world, isReal ? null : { success: true });
    },
    'POST /api/auth/set-password': (call) => {
      world.limit();
      const body = isReal
        ? jsonObject(call, { refId: 'string', newPassword: 'string' })
        : jsonObject(call, { token: 'string', password: 'string' });
      const ref = String(body.refId ?? body.token);
      const account = [...accounts.values()].find(({ refs }) => refs.has(ref));
      if (account === undefined) throw invalid('Invalid or expired reference');
      changePassword(account, body.newPassword ?? body.password);
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
      const message = 'If the account exists, a mail is on its way.';
      return ok(world, isReal ? { message } : { sent: true });
    },
    'GET /api/auth/login-token': (call) => {
      world.limit();
      if (isReal) {
        const account = maybeAccount(world, call);
        return ok(world, account === undefined ? null : loginOf(world, account));
      }
      const token = tokenFor(world, needAccount(world, call));
      return ok(world, { token, expiresAt: seconds(world) + world.tokenLife });
    },
    'GET /api/auth/access-token': (call) => {
      const scope = call.query.get('scope') ?? undefined;
      const account = exchanged(world, call);
      if (account === undefined)
        throw refused(401, 'E-AUTH-UNAUTH', 'Authentication required or invalid token');
      const token = tokenFor(world, account, scope === undefined ? {} : { scope });
      const expiresAt = seconds(world) + world.tokenLife;
      return ok(world, isReal ? { token } : { token, expiresAt, scope: scope ?? 'read:files' });
    },
    'GET /api/auth/proxy-token': (call) => {
      const account = needAccount(world, call);
      const target = call.query.get(isReal ? 'idTag' : 'target');
      const token = tokenFor(world, account, target === null ? {} : { aud: target });
      const expiresAt = seconds(world) + world.tokenLife;
      return ok(world, isReal ? { token, roles: ['leader'] } : { token, expiresAt });
    },
    'GET /api/auth/vapid': (call) => {
      needAccount(world, call);
      if (isReal) return { body: { vapidPublicKey: 'BNxwfD-real' } };
      return ok(world, { publicKey: 'BNxwfD-documented' });
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

/** Whose token an exchange gives: that of what the query shows, else of who is logged in. */
function exchanged(world: World, call: Call): Account | undefined {
  const shown = call.query.get('apiKey') ?? call.query.get('token');
  if (shown !== null) return accountOf(world, shown);
  const ref = call.query.get('refId');
  if (ref !== null) return [...world.accounts.values()].find(({ refs }) => refs.has(ref));
  const idTag = call.query.get('idTag');
  if (world.mode === 'documents' && idTag !== null) {
    const account = world.accounts.get(idTag);
    return account?.password === call.query.get('password') ? account : undefined;
  }
  return maybeAccount(world, call);
}
