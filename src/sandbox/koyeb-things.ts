import { readBody, readQuery, refuse } from './koyeb-check.ts';
import {
  askedFor,
  isAskedFor,
  type Kind,
  MANY,
  masked,
  ORDER,
  PAGE,
  type Platform,
  page,
  type Thing,
} from './koyeb-platform.ts';
import { BODIES } from './koyeb-shapes.ts';
import type { Route, Routes } from './service.ts';

const DONE = { body: {} } as const;
const PAUSABLE = ['STARTING', 'HEALTHY', 'DEGRADED', 'UNHEALTHY', 'RESUMING'];

/** The events of a kind of things, by the parameter that picks some of them. */
export function eventRoute(platform: Platform, kind: Kind, by: string): Route {
  const field = `${kind}_id`;
  return (call) => {
    const asked = by === field ? 'text' : MANY;
    const query = readQuery(call, { [by]: asked, types: MANY, ...PAGE, ...ORDER });
    const found = platform
      .events(kind)
      .filter(
        (event) => isAskedFor(query[by], event[field]) && isAskedFor(query.types, event.type),
      );
    const order = query.order?.[0] ?? 'desc';
    return page('events', order === 'asc' ? found : [...found].reverse(), query, { order });
  };
}

export const getRoute =
  (platform: Platform, kind: Kind, show: (thing: Thing) => unknown = (thing) => thing): Route =>
  (call) => {
    readQuery(call, {});
    return { body: { [kind]: show(platform.get(kind, call.params.id)) } };
  };

/** Pauses or resumes, which only some states allow. */
export function statusRoute(
  platform: Platform,
  kind: Kind,
  doing: 'pause' | 'resume',
  options: Readonly<Record<string, 'flag'>> = {},
): Route {
  const [from, to] = doing === 'pause' ? [PAUSABLE, 'PAUSED'] : [['PAUSED'], 'HEALTHY'];
  return (call) => {
    readQuery(call, options);
    const thing = platform.get(kind, call.params.id);
    if (!from.includes(String(thing.status))) {
      refuse(400, 'invalid_status', `The ${kind} is ${thing.status}: it cannot ${doing}.`);
    }
    platform.change(kind, thing, { status: to });
    return DONE;
  };
}

export function appRoutes(platform: Platform): Routes {
  const update: Route = (call) => {
    const query = readQuery(call, { update_mask: 'text' });
    const fields = readBody(call, BODIES.updateApp);
    const app = platform.get('app', call.params.id);
    return { body: { app: platform.change('app', app, masked(fields, query)) } };
  };
  return {
    'GET /v1/app_events': eventRoute(platform, 'app', 'app_id'),
    'GET /v1/apps': (call) => {
      const query = readQuery(call, { ...PAGE, name: 'text', project_id: 'text' });
      const found = askedFor(platform.all('app'), query, {
        name: 'name',
        project_id: 'project_id',
      });
      return page('apps', found, query);
    },
    'POST /v1/apps': (call) => {
      readQuery(call, {});
      const fields = readBody(call, BODIES.createApp);
      if (platform.all('app').some(({ name }) => name === fields.name)) {
        refuse(400, 'invalid_argument', 'Validation error', [
          { field: 'name', description: 'is taken' },
        ]);
      }
      const app = platform.add('app', { ...fields, status: 'HEALTHY', messages: [], domains: [] });
      return { body: { app } };
    },
    'GET /v1/apps/{id}': getRoute(platform, 'app'),
    'PUT /v1/apps/{id}': update,
    'PATCH /v1/apps/{id}': update,
    'DELETE /v1/apps/{id}': (call) => {
      readQuery(call, {});
      const { id } = platform.get('app', call.params.id);
      for (const service of platform.all('service')) {
        if (service.app_id === id) platform.remove('service', service.id);
      }
      platform.remove('app', id);
      return DONE;
    },
    'POST /v1/apps/{id}/pause': statusRoute(platform, 'app', 'pause'),
    'POST /v1/apps/{id}/resume': statusRoute(platform, 'app', 'resume'),
  };
}

const DOMAIN_STATUSES = ['PENDING', 'ACTIVE', 'ERROR', 'DELETING', 'DELETED'];
const DOMAIN_TYPES = ['AUTOASSIGNED', 'CUSTOM'];

export function domainRoutes(platform: Platform): Routes {
  return {
    'GET /v1/domains': (call) => {
      const query = readQuery(call, {
        ...{ ...PAGE, name: 'text', project_id: 'text', app_ids: MANY },
        ...{ types: { many: DOMAIN_TYPES }, statuses: { many: DOMAIN_STATUSES } },
      });
      const found = askedFor(platform.all('domain'), query, {
        app_id: 'app_ids',
        type: 'types',
        status: 'statuses',
        name: 'name',
      });
      return page('domains', found, query);
    },
    'POST /v1/domains': (call) => {
      readQuery(call, {});
      const { type = 'CUSTOM', ...fields } = readBody(call, BODIES.createDomain);
      if (fields.app_id !== undefined) platform.get('app', String(fields.app_id));
      const intended_cname = 'org-1.cname.koyeb.app';
      const domain = platform.add('domain', { ...fields, type, status: 'PENDING', intended_cname });
      return { body: { domain } };
    },
    'GET /v1/domains/{id}': getRoute(platform, 'domain'),
    'PATCH /v1/domains/{id}': (call) => {
      const query = readQuery(call, { update_mask: 'text', dry_run: 'flag' });
      const fields = readBody(call, BODIES.updateDomain);
      const domain = platform.get('domain', call.params.id);
      if (fields.app_id) platform.get('app', String(fields.app_id));
      if (query.dry_run?.[0] === 'true') return { body: { domain } };
      return { body: { domain: platform.change('domain', domain, masked(fields, query)) } };
    },
    'DELETE /v1/domains/{id}': removeRoute(platform, 'domain'),
    'POST /v1/domains/{id}/refresh': (call) => {
      readQuery(call, {});
      const domain = platform.get('domain', call.params.id);
      platform.change('domain', domain, { status: 'ACTIVE' });
      return DONE;
    },
  };
}

/** Everything that is worth hiding stays behind. */
function shownSecret({ id, name, type, organization_id, created_at, updated_at }: Thing): object {
  return { id, name, type, organization_id, created_at, updated_at };
}

export function secretRoutes(platform: Platform): Routes {
  const update =
    (body: 'replaceSecret' | 'updateSecret'): Route =>
    (call) => {
      const query = readQuery(call, { update_mask: 'text' });
      const fields = readBody(call, BODIES[body]);
      const secret = platform.get('secret', call.params.id);
      return {
        body: { secret: shownSecret(platform.change('secret', secret, masked(fields, query))) },
      };
    };
  return {
    'GET /v1/secrets': (call) => {
      const types = { many: ['SIMPLE', 'REGISTRY', 'MANAGED'] };
      const query = readQuery(call, { ...PAGE, name: 'text', project_id: 'text', types });
      const found = askedFor(platform.all('secret'), query, { name: 'name', type: 'types' });
      return page('secrets', found.map(shownSecret), query);
    },
    'POST /v1/secrets': (call) => {
      readQuery(call, {});
      const secret = platform.add('secret', readBody(call, BODIES.createSecret));
      return { body: { secret: shownSecret(secret) } };
    },
    'GET /v1/secrets/{id}': getRoute(platform, 'secret', shownSecret),
    'PUT /v1/secrets/{id}': update('replaceSecret'),
    'PATCH /v1/secrets/{id}': update('updateSecret'),
    'DELETE /v1/secrets/{id}': removeRoute(platform, 'secret'),
    'POST /v1/secrets/{id}/reveal': (call) => {
      readQuery(call, {});
      readBody(call, BODIES.empty);
      return { body: { value: platform.get('secret', call.params.id).value } };
    },
  };
}

export const removeRoute =
  (platform: Platform, kind: Kind): Route =>
  (call) => {
    readQuery(call, {});
    platform.remove(kind, platform.get(kind, call.params.id).id);
    return DONE;
  };
