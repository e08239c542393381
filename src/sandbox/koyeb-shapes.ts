import type { Shape } from './koyeb-check.ts';

/** The bodies that Koyeb takes, as far as the capability files describe them. */

const object = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });
const listOf = (fields: Readonly<Record<string, Shape>>): Shape => ({ list: { fields } });
const strings: Shape = { list: 'string' };
const value = object({ value: 'integer' });

const buildpack = object({ build_command: 'string', run_command: 'string', privileged: 'boolean' });
const dockerBuild = object({
  dockerfile: 'string',
  entrypoint: strings,
  command: 'string',
  args: strings,
  target: 'string',
  privileged: 'boolean',
});

const STRATEGIES = ['DEFAULT', 'CANARY', 'ROLLING', 'BLUE_GREEN', 'IMMEDIATE'];

const definitionFields = {
  name: 'string',
  type: ['WEB', 'WORKER', 'DATABASE', 'SANDBOX'],
  strategy: object({ type: STRATEGIES.map((name) => `DEPLOYMENT_STRATEGY_TYPE_${name}`) }),
  routes: listOf({
    port: 'integer',
    path: 'string',
    security_policies: object({
      basic_auths: listOf({ username: 'string', password: 'string' }),
      api_keys: strings,
    }),
  }),
  ports: listOf({ port: 'integer', protocol: ['http', 'http2', 'tcp'] }),
  proxy_ports: listOf({ port: 'integer', protocol: ['tcp'] }),
  env: listOf({ scopes: strings, key: 'string', value: 'string', secret: 'string' }),
  regions: strings,
  scalings: listOf({
    scopes: strings,
    min: 'integer',
    max: 'integer',
    targets: listOf({
      average_cpu: value,
      average_mem: value,
      requests_per_second: value,
      concurrent_requests: value,
      requests_response_time: object({ value: 'integer', quantile: 'integer' }),
      sleep_idle_delay: object({ deep_sleep_value: 'integer', light_sleep_value: 'integer' }),
    }),
  }),
  instance_types: listOf({ scopes: strings, type: 'string' }),
  health_checks: listOf({
    grace_period: 'integer',
    interval: 'integer',
    restart_limit: 'integer',
    timeout: 'integer',
    tcp: object({ port: 'integer' }),
    http: object({
      port: 'integer',
      path: 'string',
      method: 'string',
      headers: listOf({ key: 'string', value: 'string' }),
    }),
  }),
  volumes: listOf({ id: 'string', path: 'string', replica_index: 'integer', scopes: strings }),
  config_files: listOf({ path: 'string', permissions: 'string', content: 'string' }),
  skip_cache: 'boolean',
  docker: object({
    image: 'string',
    command: 'string',
    args: strings,
    entrypoint: strings,
    image_registry_secret: 'string',
    privileged: 'boolean',
  }),
  git: object({
    repository: 'string',
    branch: 'string',
    tag: 'string',
    sha: 'string',
    workdir: 'string',
    no_deploy_on_push: 'boolean',
    buildpack,
    docker: dockerBuild,
  }),
  archive: object({ id: 'string', buildpack, docker: dockerBuild }),
  database: object({
    neon_postgres: object({
      pg_version: 'integer',
      region: 'string',
      instance_type: 'string',
      roles: listOf({ name: 'string', secret: 'string' }),
      databases: listOf({ name: 'string', owner: 'string' }),
    }),
  }),
} as const satisfies Readonly<Record<string, Shape>>;

const definition = object(definitionFields);
const lifeOfService = object({ delete_after_sleep: 'integer', delete_after_create: 'integer' });
const appSettings = { life_cycle: object({ delete_when_empty: 'boolean' }) };
const login = { username: 'string', password: 'string' } as const;
const secretFields = {
  value: 'string',
  docker_hub_registry: object(login),
  private_registry: object({ ...login, url: 'string' }),
  digital_ocean_registry: object(login),
  github_registry: object(login),
  gitlab_registry: object(login),
  gcp_container_registry: object({ keyfile_content: 'string', url: 'string' }),
  azure_container_registry: object({ ...login, registry_name: 'string' }),
} as const satisfies Readonly<Record<string, Shape>>;
const SECRET_TYPES = ['SIMPLE', 'REGISTRY', 'MANAGED'];

export const BODIES = {
  login: { 'email!': 'string', 'password!': 'string', organization_id: 'string' },
  createApp: { 'name!': 'string', ...appSettings, project_id: 'string' },
  updateApp: { name: 'string', ...appSettings },
  createService: {
    'app_id!': 'string',
    'definition!': definition,
    life_cycle: lifeOfService,
    project_id: 'string',
  },
  updateService: {
    'definition!': definition,
    skip_build: 'boolean',
    save_only: 'boolean',
    life_cycle: lifeOfService,
  },
  autocomplete: { definition },
  redeploy: {
    deployment_group: 'string',
    sha: 'string',
    use_cache: 'boolean',
    skip_build: 'boolean',
  },
  scale: { 'scalings!': listOf({ scopes: strings, instances: 'integer' }) },
  createDomain: {
    'name!': 'string',
    type: ['AUTOASSIGNED', 'CUSTOM'],
    app_id: 'string',
    cloudflare: object({}),
    koyeb: object({ request_timeout_seconds: 'integer' }),
    project_id: 'string',
  },
  updateDomain: { app_id: 'string', subdomain: 'string' },
  createSecret: { 'name!': 'string', 'type!': SECRET_TYPES, ...secretFields, project_id: 'string' },
  replaceSecret: { 'name!': 'string', 'type!': SECRET_TYPES, ...secretFields },
  updateSecret: { name: 'string', type: SECRET_TYPES, ...secretFields },
  empty: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, Shape>>>>;
