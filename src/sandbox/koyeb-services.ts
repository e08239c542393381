import { type Fields, readBody, readQuery, refuse } from './koyeb-check.ts';
import {
  askedFor,
  isAskedFor,
  MANY,
  masked,
  ORDER,
  PAGE,
  type Platform,
  page,
  type Thing,
} from './koyeb-platform.ts';
import { BODIES } from './koyeb-shapes.ts';
import { eventRoute, getRoute, removeRoute, statusRoute } from './koyeb-things.ts';
import type { Route, Routes } from './service.ts';

const TYPES = ['INVALID_TYPE', 'WEB', 'WORKER', 'DATABASE', 'SANDBOX'];
const STATUSES =
  'STARTING HEALTHY DEGRADED UNHEALTHY DELETING DELETED PAUSING PAUSED RESUMING'.split(' ');
const DEPLOYMENT_STATUSES =
  'PENDING PROVISIONING SCHEDULED CANCELING CANCELED ALLOCATING STARTING HEALTHY DEGRADED UNHEALTHY STOPPING STOPPED ERRORING ERROR STASHED SLEEPING'.split(
    ' ',
  );
const INSTANCE_STATUSES =
  'ALLOCATING STARTING HEALTHY UNHEALTHY STOPPING STOPPED ERROR SLEEPING'.split(' ');

/** A new deployment of a service, with one instance for each region. */
function deploy(platform: Platform, service: Thing, definition: Fields, group?: unknown): Thing {
  const { id: service_id, app_id } = service;
  const deployment = platform.add('deployment', {
    ...{ app_id, service_id, definition, status: 'PENDING', messages: [] },
    ...(group === undefined ? {} : { deployment_group: group }),
  });
  for (const region of (definition.regions as string[] | undefined) ?? ['fra']) {
    platform.add('instance', {
      ...{ app_id, service_id, xyz_deployment_id: deployment.id, region, type: 'nano' },
      ...{ replica_index: 0, status: 'HEALTHY', messages: [] },
    });
  }
  platform.change('service', service, { latest_deployment_id: deployment.id });
  return deployment;
}

function checkDefinition(definition: Fields): Fields {
  const sources = ['docker', 'git', 'archive', 'database'].filter((name) => name in definition);
  if (sources.length === 1 && typeof definition.name === 'string') return definition;
  return refuse(400, 'invalid_argument', 'Validation error', [
    sources.length === 1
      ? { field: 'definition.name', description: 'is required' }
      : { field: 'definition', description: 'needs one of docker, git, archive and database' },
  ]);
}

export function serviceRoutes(platform: Platform): Routes {
  const update =
    (isWhole: boolean): Route =>
    (call) => {
      const query = readQuery(call, { update_mask: 'text', dry_run: 'flag' });
      const { save_only, ...fields } = readBody(call, BODIES.updateService);
      const service = platform.get('service', call.params.id);
      const { definition, ...rest } = masked(fields, query) as { definition: Fields };
      const before = isWhole ? {} : (service.definition as Fields);
      const after = checkDefinition({ ...before, ...definition });
      if (query.dry_run?.[0] === 'true') return { body: { service } };
      platform.change('service', service, { ...rest, definition: after });
      if (save_only !== true) deploy(platform, service, after);
      return { body: { service } };
    };
  return {
    'GET /v1/service_events': eventRoute(platform, 'service', 'service_id'),
    'GET /v1/services': (call) => {
      const query = readQuery(call, {
        ...{ app_id: 'text', ...PAGE, name: 'text', project_id: 'text' },
        ...{ types: { many: TYPES }, statuses: { many: STATUSES }, regions: MANY },
      });
      const found = askedFor(platform.all('service'), query, {
        app_id: 'app_id',
        type: 'types',
        status: 'statuses',
        name: 'name',
      });
      return page('services', found, query);
    },
    'POST /v1/services': (call) => {
      const query = readQuery(call, { dry_run: 'flag' });
      const { definition, ...fields } = readBody(call, BODIES.createService) as {
        definition: Fields;
        app_id: string;
      };
      platform.get('app', fields.app_id);
      const { name, type = 'WEB' } = checkDefinition(definition);
      const of = { ...fields, name, type, status: 'HEALTHY', messages: [], definition };
      if (query.dry_run?.[0] === 'true') return { body: { service: of } };
      const service = platform.add('service', of);
      deploy(platform, service, definition);
      return { body: { service } };
    },
    'POST /v1/services-autocomplete': (call) => {
      readQuery(call, {});
      readBody(call, BODIES.autocomplete);
      const secrets = platform.all('secret').map(({ name }) => name);
      return { body: { secrets, user_env: [], system_env: ['KOYEB_REGION'] } };
    },
    'GET /v1/services/{id}': getRoute(platform, 'service'),
    'PUT /v1/services/{id}': update(true),
    'PATCH /v1/services/{id}': update(false),
    'DELETE /v1/services/{id}': removeRoute(platform, 'service'),
    'POST /v1/services/{id}/pause': statusRoute(platform, 'service', 'pause'),
    'POST /v1/services/{id}/resume': statusRoute(platform, 'service', 'resume', {
      skip_build: 'flag',
      use_cache: 'flag',
    }),
    'POST /v1/services/{id}/redeploy': (call) => {
      readQuery(call, {});
      const { deployment_group } = readBody(call, BODIES.redeploy);
      const service = platform.get('service', call.params.id);
      const definition = service.definition as Fields;
      return { body: { deployment: deploy(platform, service, definition, deployment_group) } };
    },
    'GET /v1/services/{id}/scale': (call) => {
      readQuery(call, {});
      const { scalings = [] } = platform.get('service', call.params.id);
      return { body: { scalings } };
    },
    'PUT /v1/services/{id}/scale': (call) => {
      readQuery(call, {});
      const { scalings } = readBody(call, BODIES.scale);
      platform.change('service', platform.get('service', call.params.id), { scalings });
      return { body: {} };
    },
    'DELETE /v1/services/{id}/scale': (call) => {
      readQuery(call, {});
      platform.change('service', platform.get('service', call.params.id), { scalings: [] });
      return { body: {} };
    },
  };
}

const CANCELLABLE = ['PENDING', 'PROVISIONING', 'SCHEDULED'];

export function deploymentRoutes(platform: Platform): Routes {
  return {
    'GET /v1/deployment/{id}/scaling': (call) => {
      const query = readQuery(call, { region: 'text', replica_index: 'count' });
      const { id } = platform.get('deployment', call.params.id);
      const instances = platform
        .all('instance')
        .filter((each) => each.xyz_deployment_id === id && isAskedFor(query.region, each.region));
      const replicas = instances.map((each) => ({
        ...{ region: each.region, replica_index: each.replica_index, instances: [each] },
      }));
      return { body: { replicas } };
    },
    'GET /v1/deployment_events': eventRoute(platform, 'deployment', 'deployment_id'),
    'GET /v1/deployments': (call) => {
      const query = readQuery(call, {
        ...{ app_id: 'text', service_id: 'text', ...PAGE },
        statuses: { many: DEPLOYMENT_STATUSES },
      });
      const found = platform
        .all('deployment')
        .filter(
          (each) =>
            isAskedFor(query.app_id, each.app_id) &&
            isAskedFor(query.service_id, each.service_id) &&
            isAskedFor(query.statuses, each.status),
        );
      return page('deployments', found.reverse(), query);
    },
    'GET /v1/deployments/{id}': getRoute(platform, 'deployment'),
    'POST /v1/deployments/{id}/cancel': (call) => {
      readQuery(call, {});
      const deployment = platform.get('deployment', call.params.id);
      if (!CANCELLABLE.includes(String(deployment.status))) {
        refuse(
          400,
          'invalid_status',
          `The deployment is ${deployment.status}: it cannot be cancelled.`,
        );
      }
      platform.change('deployment', deployment, { status: 'CANCELED' });
      return { body: {} };
    },
    'GET /v1/instance_events': eventRoute(platform, 'instance', 'instance_ids'),
    'GET /v1/instances': (call) => {
      const query = readQuery(call, {
        ...{ app_id: 'text', service_id: 'text', deployment_id: 'text', ...PAGE, ...ORDER },
        ...{ regional_deployment_id: 'text', allocation_id: 'text', replica_index: 'count' },
        ...{ statuses: { many: INSTANCE_STATUSES }, starting_time: 'time', ending_time: 'time' },
      });
      const found = platform
        .all('instance')
        .filter(
          (each) =>
            isAskedFor(query.app_id, each.app_id) &&
            isAskedFor(query.service_id, each.service_id) &&
            isAskedFor(query.deployment_id, each.xyz_deployment_id) &&
            isAskedFor(query.statuses, each.status) &&
            isAskedFor(query.replica_index, each.replica_index),
        );
      return page('instances', found, query, { order: query.order?.[0] ?? 'desc' });
    },
    'GET /v1/instances/{id}': getRoute(platform, 'instance'),
  };
}
