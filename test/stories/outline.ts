import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Parameter {
  readonly name: string;
  readonly in?: string;
  readonly type?: string;
}

interface Written {
  readonly name: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly call?: string;
  readonly inputParameters?: readonly Parameter[];
}

interface Resource {
  readonly path: string;
  readonly operations: readonly Written[];
}

interface Document {
  readonly capability: {
    readonly consumes: readonly {
      readonly namespace: string;
      readonly resources: readonly Resource[];
    }[];
    readonly exposes: readonly {
      readonly type: string;
      readonly resources?: readonly Resource[];
      readonly tools?: readonly Written[];
    }[];
  };
}

/** One operation of a capability file, and how it is reached. */
export interface Operation {
  readonly name: string;
  /** `METHOD /path` of the consumed API. */
  readonly consumed: string;
  readonly method: string;
  /** Of the REST face, with its variables. */
  readonly path: string;
  readonly tool: string;
  /** Where REST takes each input. */
  readonly places: ReadonlyMap<string, string>;
  /** The input that is the whole body. */
  readonly whole: string | undefined;
}

/** The operations of a file, or of its text, that exposes each once on both faces, in its order. */
export function operationsOf(file: string): readonly Operation[] {
  const text = file.includes('\n') ? file : readFileSync(file, 'utf8');
  const { capability } = parse(text) as Document;
  const { consumes, exposes } = capability;
  const routes = exposes.flatMap(({ resources = [] }) => resources).flatMap(flat);
  const tools = exposes.flatMap(({ tools: own = [] }) => own);
  return consumes.flatMap(({ namespace, resources }) =>
    resources.flatMap(flat).flatMap(({ path, operation }): Operation | readonly [] => {
      const { name, method = 'GET', body, inputParameters = [] } = operation;
      const call = `${namespace}.${name}`;
      const route = routes.find((each) => each.operation.call === call);
      const tool = tools.find((each) => each.call === call);
      // Logging in, for one, may be the gateway's own business.
      if (route === undefined && tool === undefined) return [];
      if (route === undefined || tool === undefined)
        throw new Error(`${call} is not on both faces`);
      const taken = route.operation.inputParameters ?? inputParameters;
      const inBody = inputParameters.filter((each) => each.in === 'body');
      const [only] = inBody;
      return {
        name,
        consumed: `${method} ${path}`,
        method: route.operation.method ?? 'GET',
        path: route.path,
        tool: tool.name,
        places: new Map(taken.map((each) => [each.name, each.in ?? 'query'])),
        whole: inBody.length === 1 && body === undefined ? only?.name : undefined,
      };
    }),
  );
}

const flat = ({ path, operations }: Resource) =>
  operations.map((operation) => ({ path, operation }));
