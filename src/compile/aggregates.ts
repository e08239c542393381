import type {
  CapabilityDocument,
  Exposed,
  ExposedParameter,
  ExposedTool,
} from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import type { Compilation } from './compilation.ts';
import type { ExposedSide } from './exposed-side.ts';

/** A function of an aggregate, as the file writes it. */
interface AggregateFunction extends Exposed {
  readonly name: string;
}

interface Aggregate {
  readonly namespace: string;
  readonly functions?: readonly AggregateFunction[];
}

interface PlacedFunction {
  readonly written: AggregateFunction;
  readonly namespace: string;
  readonly pointer: string;
}

/** By `namespace.function`. */
type Functions = ReadonlyMap<string, PlacedFunction>;

/** What is run for an exposed operation or tool: its own words, or those of the function it refers to. */
export interface Ran {
  /** `exposed` holds what is run; `pointer` is where that is written. */
  readonly side: ExposedSide;
  readonly outputs: Pick<Exposed, 'outputParameters'> & { readonly pointer: string };
  /** The `with` beside a ref, which gives inputs of the function their values. */
  readonly given?: {
    readonly values: Readonly<Record<string, unknown>>;
    readonly side: ExposedSide;
  };
  readonly description: string | undefined;
}

/** Reports functions that have the name of an earlier one of their aggregate. */
export function checkAggregates(compilation: Compilation): void {
  const seen = new Map<string, string>();
  for (const [id, { pointer }] of functionsIn(compilation.document)) {
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, pointer);
      continue;
    }
    const { line } = compilation.source.position(first);
    compilation.report(
      'FUNCTION_DUPLICATE',
      pointerOf(pointer, 'name'),
      `The function "${id}" stands on line ${line} already, so a ref could mean either. Rename one of the two.`,
    );
  }
}

/** Follows `ref`, if there is one. undefined when it names nothing, which is reported. */
export function resolveRef(compilation: Compilation, side: ExposedSide): Ran | undefined {
  const { exposed, pointer } = side;
  const { ref, description } = exposed;
  if (ref === undefined) {
    const { outputParameters } = exposed;
    return {
      side,
      outputs: { ...(outputParameters === undefined ? {} : { outputParameters }), pointer },
      description,
    };
  }
  const functions = functionsOf(compilation.document);
  const found = functions.get(ref);
  if (found === undefined) {
    compilation.report(
      'REF_UNKNOWN',
      pointerOf(pointer, 'ref'),
      `"${ref}" names no function of this file. A ref is written <aggregate namespace>.<function name>.`,
      { suggestion: nearest(ref, [...functions.keys()]) },
    );
    return undefined;
  }
  for (const key of ['call', 'steps', 'mappings'] as const) {
    if (exposed[key] === undefined) continue;
    compilation.report(
      'KEY_UNKNOWN',
      pointerOf(pointer, key),
      `"${key}" has no meaning beside "ref", which says what is run; it is ignored.`,
      { at: 'key' },
    );
  }
  const { written, namespace } = found;
  const own = exposed.outputParameters === undefined ? found : { pointer, written: exposed };
  const { outputParameters } = own.written;
  return {
    side: {
      ...side,
      exposed: written,
      pointer: found.pointer,
      declared: inheritInputs(side, found),
      roots: [namespace],
    },
    outputs: {
      ...(outputParameters === undefined ? {} : { outputParameters }),
      pointer: own.pointer,
    },
    ...(exposed.with === undefined ? {} : { given: { values: exposed.with, side } }),
    description: description ?? written.description,
  };
}

/**
 * The inputs of a function and those declared beside the ref, of one name field by field. Inputs of a
 * function are required unless they say otherwise, whichever face they are seen through.
 */
function inheritInputs(
  { declared, exposed }: ExposedSide,
  { written, pointer }: PlacedFunction,
): ExposedSide['declared'] {
  const own = new Map(declared.map((entry) => [entry.parameter.name, entry]));
  const inherited = (written.inputParameters ?? []).map((parameter, index) => {
    const near = own.get(parameter.name);
    own.delete(parameter.name);
    const merged: ExposedParameter = {
      ...parameter,
      required: parameter.required ?? true,
      ...placeOf(written, exposed),
      ...near?.parameter,
    };
    return { parameter: merged, pointer: pointerOf(pointer, 'inputParameters', index) };
  });
  return [...inherited, ...own.values()];
}

/** Without a call that says where they go, inputs of a mock come with the body of a writing request. */
function placeOf(written: Exposed, exposed: Exposed): { readonly in?: string } {
  if (written.call !== undefined || written.steps !== undefined) return {};
  const { method } = exposed as { readonly method?: string };
  return /^(?:POST|PUT|PATCH)$/i.test(method ?? '') ? { in: 'body' } : {};
}

/** A tool with the name, description and hints that follow from the function it refers to. */
export function inheritTool({ document }: Compilation, tool: ExposedTool): ExposedTool {
  if (tool.ref === undefined) return tool;
  const found = functionsOf(document).get(tool.ref);
  if (found === undefined) return tool.name === undefined ? { ...tool, name: tool.ref } : tool;
  const { name, description, semantics } = found.written;
  const hints = { ...hintsOf(semantics), ...tool.hints };
  return {
    ...tool,
    name: tool.name ?? name,
    ...(description === undefined || tool.description !== undefined ? {} : { description }),
    ...(Object.keys(hints).length === 0 ? {} : { hints }),
  };
}

function hintsOf(semantics: AggregateFunction['semantics']): NonNullable<ExposedTool['hints']> {
  const { safe, idempotent } = semantics ?? {};
  return {
    ...(safe === undefined ? {} : { readOnly: safe }),
    ...(safe === true ? { destructive: false } : {}),
    ...(idempotent === undefined ? {} : { idempotent }),
  };
}

const known = new WeakMap<CapabilityDocument, Functions>();

/** Of two with one name the first. */
function functionsOf(document: CapabilityDocument): Functions {
  let functions = known.get(document);
  if (functions === undefined) {
    functions = new Map([...functionsIn(document)].reverse());
    known.set(document, functions);
  }
  return functions;
}

/** Every function by its `namespace.function`, in file order. */
export function functionsIn(
  document: CapabilityDocument,
): readonly (readonly [string, PlacedFunction])[] {
  const aggregates = (document.capability?.aggregates ?? []) as readonly Aggregate[];
  return aggregates.flatMap(({ namespace, functions = [] }, index) =>
    functions.map((written, at) => {
      const pointer = pointerOf('/capability/aggregates', index, 'functions', at);
      return [`${namespace}.${written.name}`, { written, namespace, pointer }] as const;
    }),
  );
}
