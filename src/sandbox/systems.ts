import { PARTNER, PERSON, startCloudAlly } from './cloudally.ts';
import { OWNER, startCloudillo } from './cloudillo.ts';
import { SERVICE_ACCOUNT, startCloudio } from './cloudio.ts';
import { EMAIL, PASSWORD, startKoyeb } from './koyeb.ts';
import type { Host } from './service.ts';

/** What is worth a call, in this order. */
export interface Trial {
  readonly title: string;
  /** Name of the consumed operation, or its method and path. */
  readonly operation: string;
  /** JSON object that is the body over REST, and gives a tool its inputs. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Sandbox {
  readonly system: string;
  /** What stands in for a base URI that the system has. */
  originOf(baseUri: string): string;
  /** Values that this sandbox takes for the variables of files. */
  readonly variables: Readonly<Record<string, string>>;
  readonly trials: readonly Trial[];
  /** What else is to be known, in sentences. */
  readonly note: string;
}

interface System {
  readonly name: string;
  isAt(baseUri: string): boolean;
  start(host: Host): Promise<Sandbox>;
}

const A_MINUTE = 60_000;

/** What can be had here; each is made anew at every start. */
export const SYSTEMS: readonly System[] = [
  {
    name: 'Koyeb',
    isAt: (baseUri) => /^https:\/\/app\.koyeb\.com\b/.test(baseUri),
    async start(host) {
      const koyeb = await startKoyeb(host);
      koyeb.rules.life = A_MINUTE;
      const person = { email: EMAIL, password: PASSWORD };
      return {
        system: 'Koyeb',
        originOf: () => koyeb.service.origin,
        variables: {
          KOYEB_API_KEY: koyeb.createSession(),
          KOYEB_EMAIL: EMAIL,
          KOYEB_PASSWORD: PASSWORD,
        },
        trials: [
          { title: 'Log in', operation: 'POST /v1/account/login', body: person },
          {
            title: 'Be refused',
            operation: 'POST /v1/account/login',
            body: { ...person, password: 'a guess' },
          },
          { title: 'Use the session of the gateway', operation: 'POST /v1/account/session' },
          { title: 'End it; then use it again', operation: 'DELETE /v1/account/logout' },
          { title: 'Make an app', operation: 'POST /v1/apps', body: { name: 'shop' } },
          { title: 'See it', operation: 'GET /v1/apps' },
        ],
        note: 'Sessions that are logged in live for a minute; the one in KOYEB_API_KEY until it is ended or exchanged; a restart makes another.',
      };
    },
  },
  {
    name: 'CloudAlly',
    isAt: (baseUri) => /^https:\/\/api\.cloudally\.com\b/.test(baseUri),
    async start(host) {
      const cloudally = await startCloudAlly(host);
      cloudally.rules.life = A_MINUTE;
      return {
        system: 'CloudAlly',
        originOf: () => cloudally.service.origin,
        variables: {
          CLOUDALLY_CLIENT_ID: PARTNER.clientId,
          CLOUDALLY_CLIENT_SECRET: PARTNER.clientSecret,
          CLOUDALLY_EMAIL: PERSON.email,
          CLOUDALLY_PASSWORD: PERSON.password,
          CLOUDALLY_API_KEY: cloudally.createKey(),
        },
        trials: [
          { title: 'Log in as a portal user', operation: 'POST /auth', body: PERSON },
          { title: 'Log in as a partner', operation: 'POST /auth/partner', body: PARTNER },
          { title: 'See what a partner sees', operation: 'GET /v1/partners/users' },
          { title: 'Restore a backup', operation: 'POST /v1/restore', body: { taskId: 'task-1' } },
        ],
        note: 'Tokens live for a minute, CLOUDALLY_API_KEY for an hour.',
      };
    },
  },
  {
    name: 'CloudIO',
    isAt: (baseUri) => /^https:\/\/[\w.-]+\.cloudio\.io\b/.test(baseUri),
    async start(host) {
      const cloudio = await startCloudio(host, { sessionLife: A_MINUTE / 1000 });
      const { username, password } = SERVICE_ACCOUNT;
      const dataSource = 'Employees';
      return {
        system: 'CloudIO',
        originOf: () => cloudio.api.origin,
        variables: { CLOUDIO_USER: username, CLOUDIO_PASSWORD: password },
        trials: [
          {
            title: 'Keep rows',
            operation: 'insert',
            body: {
              dataSource,
              rows: [
                { name: 'Ada', age: 36 },
                { name: 'Grace', age: 85 },
              ],
            },
          },
          {
            title: 'Ask for some',
            operation: 'query',
            body: { dataSource, filter: [{ age: { lt: 80 } }] },
          },
        ],
        note: 'The data sources are Employees and Sites. Sessions live for a minute, and the gateway renews its own.',
      };
    },
  },
  {
    name: 'Cloudillo',
    isAt: (baseUri) => /^https:\/\/(cl-o\.)?\{\{CLOUDILLO_ID_TAG\}\}/.test(baseUri),
    async start(host) {
      const cloudillo = await startCloudillo(host, { tokenLife: A_MINUTE / 1000 });
      const { idTag, password } = OWNER;
      return {
        system: 'Cloudillo',
        originOf: (baseUri) =>
          baseUri.startsWith('https://cl-o.') ? cloudillo.api.origin : cloudillo.app.origin,
        variables: { CLOUDILLO_ID_TAG: idTag, CLOUDILLO_PASSWORD: password },
        trials: [
          { title: 'Log in', operation: 'POST /api/auth/login', body: { idTag, password } },
          { title: 'Use the session of the gateway', operation: 'GET /api/auth/api-keys' },
          { title: 'End it; the next call opens another', operation: 'POST /api/auth/logout' },
          { title: 'Begin a QR login', operation: 'POST /api/auth/qr-login/init' },
        ],
        note: 'Tokens live for a minute, and the gateway renews its own.',
      };
    },
  },
];
