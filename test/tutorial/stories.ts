import {
  created,
  flatManifest,
  manifest,
  ship,
  shipCard,
  ships,
  shipWithCrew,
  vessels,
  voyageRequest,
} from './expected.ts';
import { stepNumber } from './serving.ts';

/** The published files, in the order of the lessons. */
export const STEPS = [
  'step-1-shipyard-mock.yml',
  'step-2-shipyard-wiring.yml',
  'step-3-shipyard-auth.yml',
  'step-4-shipyard-output-shaping.yml',
  'step-5-shipyard-multi-source.yml',
  'step-6-shipyard-write-operations.yml',
  'step-7-shipyard-orchestrated-lookup.yml',
  'step-8-shipyard-skill-groups.yml',
  'step-9-shipyard-aggregates.yml',
  'step-10-shipyard-rest-adapter.yml',
  'step-11-shipyard-fleet-manifest.yml',
] as const;

/** Those with a skill expose, and those with a REST expose. */
export const SKILL_STEPS = STEPS.slice(6);
export const REST_STEPS = [STEPS[6], STEPS[9], STEPS[10]] as const;

interface Outcome {
  readonly gives: unknown;
  /** What reaches the APIs, as `API METHOD /path?query`, in the order of the alphabet. */
  readonly calls: readonly string[];
  /** The body that reaches an API. */
  readonly sends?: object;
}

export interface ToolStory extends Outcome {
  readonly tool: string;
  readonly given: Readonly<Record<string, unknown>>;
}

export interface RouteStory extends Outcome {
  /** `METHOD /path` as the file has it, without braces twice. */
  readonly route: string;
  /** Path and query as they are asked for. */
  readonly target: string;
  readonly status: number;
  readonly body?: object;
}

const IMOS = ['IMO-9321483', 'IMO-9456781'] as const;
const VOYAGE = 'VOY-2026-042';

/** Stories for every tool of a file. */
export function toolStories(file: string): readonly ToolStory[] {
  const step = stepNumber(file);
  if (step === 1) return MOCK;
  return [
    ...toolsOf('list-ships', shipLists()),
    ...IMOS.map((imo) => ({
      tool: 'get-ship',
      given: { imo },
      gives: step < 4 ? ship(imo) : shipCard(imo),
      calls: [`registry GET /ships/${imo}`],
    })),
    ...(step < 5 ? [] : toolsOf('list-legacy-vessels', vesselLists())),
    ...(step < 6
      ? []
      : voyages().map(({ sends, ...story }) => ({
          tool: 'create-voyage',
          given: { ...sends },
          sends,
          ...story,
        }))),
    ...(step < 7
      ? []
      : IMOS.map((imo) => ({
          tool: 'get-ship-with-crew',
          given: { imo },
          gives: shipWithCrew(imo),
          calls: ['registry GET /crew', `registry GET /ships/${imo}`],
        }))),
    ...(step < 11
      ? []
      : [
          {
            tool: 'get-voyage-manifest',
            given: { voyageId: VOYAGE },
            gives: manifest(VOYAGE),
            calls: MANIFEST_CALLS,
          },
        ]),
  ];
}

/** Stories for every route of a file that has routes. */
export function routeStories(file: string): readonly RouteStory[] {
  const status = 200;
  return [
    ...routesOf('GET /ships', shipLists()),
    ...IMOS.map((imo) => ({
      route: 'GET /ships/{imo}',
      target: `/ships/${imo}`,
      status,
      gives: shipCard(imo),
      calls: [`registry GET /ships/${imo}`],
    })),
    ...IMOS.map((imo) => ({
      route: 'GET /ships/{imo}/crew',
      target: `/ships/${imo}/crew`,
      status,
      gives: shipWithCrew(imo),
      calls: ['registry GET /crew', `registry GET /ships/${imo}`],
    })),
    ...routesOf('GET /legacy/vessels', vesselLists()),
    ...voyages().map(({ sends, ...story }) => ({
      route: 'POST /voyages',
      target: '/voyages',
      status: 201,
      body: sends,
      sends,
      ...story,
    })),
    ...(stepNumber(file) < 11
      ? []
      : [
          {
            route: 'GET /voyages/{voyageId}/manifest',
            target: `/voyages/${VOYAGE}/manifest`,
            status,
            gives: flatManifest(VOYAGE),
            calls: MANIFEST_CALLS,
          },
        ]),
  ];
}

/** The first file calls nothing: it answers from its own values. */
const MOCK: readonly ToolStory[] = ['IMO-9321483', '{{imo_number}} "Å"\n', ''].map((imo) => ({
  tool: 'get-ship',
  given: { imo_number: imo },
  gives: { imo, name: 'Northern Star', type: 'cargo', flag: 'NO', status: 'active' },
  calls: [],
}));

const MANIFEST_CALLS = [
  'registry GET /cargo',
  'registry GET /crew',
  'registry GET /ships',
  `registry GET /voyages/${VOYAGE}`,
];

interface ListStory extends Outcome {
  readonly status?: string;
}

const shipLists = (): readonly ListStory[] => [
  { gives: ships('allShips'), calls: ['registry GET /ships'] },
  ...['active', 'maintenance'].map((status) => ({
    status,
    gives: ships(`?status=${status}`),
    calls: [`registry GET /ships?status=${status}`],
  })),
];

const vesselLists = (): readonly ListStory[] => [
  { gives: vessels('allVessels'), calls: ['legacy GET /vessels'] },
  ...['active', 'laid_up'].map((status) => ({
    status,
    gives: vessels(`?status=${status}`),
    calls: [`legacy GET /vessels?status=${status}`],
  })),
];

const toolsOf = (tool: string, lists: readonly ListStory[]): readonly ToolStory[] =>
  lists.map(({ status, ...story }) => ({
    tool,
    given: status === undefined ? {} : { status },
    ...story,
  }));

const routesOf = (route: string, lists: readonly ListStory[]): readonly RouteStory[] =>
  lists.map(({ status, ...story }) => ({
    route,
    target: `${route.split(' ')[1]}${status === undefined ? '' : `?status=${status}`}`,
    status: 200,
    ...story,
  }));

/** Voyages to create: the document's, one without cargo, and ones whose texts could break a body. */
function voyages(): readonly (Outcome & { readonly sends: object })[] {
  const plain = voyageRequest();
  const { cargoIds: _, ...unladen } = plain;
  const awkward = {
    ...plain,
    departurePort: 'Saint-Malo "Intra", Muros\\\n{{arrivalPort}}',
    arrivalPort: '</x>&amp;\u2028{"crewIds": []}, ÅØ ☃',
    crewIds: ['CREW-001", "CREW-666', '{{shipImo}}'],
    cargoIds: [],
  };
  return [plain, unladen, awkward].map((request) => ({
    sends: request,
    gives: created(request),
    calls: ['registry POST /voyages'],
  }));
}
