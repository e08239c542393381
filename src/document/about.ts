import type { CapabilityDocument, ConsumesHttp, Expose, ExposesRest } from './document.ts';

type Words = Readonly<Record<string, unknown>>;

/** What a file says to people about itself and its parts, which nothing runs on. */
export interface About {
  /** Description, tags, days and stakeholders of the capability. */
  readonly info: Words;
  readonly binds: readonly Words[];
  readonly consumes: readonly Words[];
  readonly aggregates: readonly Words[];
  /** The resources of REST exposes and their operations. */
  readonly rest: readonly Words[];
}

export function aboutOf(document: CapabilityDocument): About {
  const { info = {}, capability = {} } = document;
  const consumes = [...(document.consumes ?? []), ...(capability.consumes ?? [])];
  return {
    info: chosen(info, 'description', 'tags', 'created', 'modified', 'stakeholders'),
    binds: [...(document.binds ?? []), ...(capability.binds ?? [])].map((bind) =>
      chosen(bind, 'namespace', 'description', 'location', 'keys'),
    ),
    consumes: consumes.map((block) => ({
      ...chosen(block, 'namespace', 'description'),
      resources: listIn(block as ConsumesHttp, 'resources').map(aboutResource),
    })),
    aggregates: ((capability.aggregates ?? []) as readonly object[]).map((aggregate) => ({
      ...chosen(aggregate, 'namespace', 'label'),
      functions: listIn(aggregate, 'functions').map((each) =>
        chosen(each, 'name', 'description', 'semantics'),
      ),
    })),
    rest: (capability.exposes ?? []).filter(isRest).map((expose) => ({
      ...chosen(expose, 'namespace'),
      resources: listIn(expose, 'resources').map(aboutResource),
    })),
  };
}

const isRest = (expose: Expose): expose is ExposesRest => expose.type === 'rest';

const aboutResource = (resource: object): Words => ({
  ...chosen(resource, 'path', 'name', 'label', 'description'),
  operations: listIn(resource, 'operations').map((operation) =>
    chosen(operation, 'name', 'label', 'description', 'method'),
  ),
});

/** These members, where they are there. */
const chosen = (from: object, ...keys: readonly string[]): Words =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = (from as Words)[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );

function listIn(from: object, key: string): readonly object[] {
  const list = (from as Words)[key];
  return Array.isArray(list) ? (list as object[]) : [];
}
