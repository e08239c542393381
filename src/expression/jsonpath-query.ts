import type { JSONPathQuery, jsonpath } from 'json-p3';
import type { Json } from '../plan/plan.ts';
import { rfcLibrary } from './jsonpath-library.ts';
import { childrenOf, elementOf, memberOf } from './jsonpath-value.ts';

/** One evaluation: the whole value, and how much work is left to it. */
export interface Evaluation {
  readonly root: Json;
  readonly spend: (work: number) => void;
}

/** The values that a query finds below `value`, in the order of RFC 9535. */
export type Find = (value: Json, evaluation: Evaluation) => readonly Json[];

/** One step of a path. `name` and `index` are its singular forms; `either` is a number after a dot. */
export type Segment =
  | { readonly kind: 'name' | 'either'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' | 'deep'; readonly pick: Pick };

/** Appends what a bracket selects from one value. */
type Pick = (value: Json, out: Json[], evaluation: Evaluation) => void;

/** Whether a filter takes a value. */
export type Test = (value: Json, evaluation: Evaluation) => boolean;
export type CompileFilter = (expression: jsonpath.expressions.FilterExpression) => Test;

/**
 * Translates what the parser read. Its own evaluation is not used: it stops at lists of some hundred
 * thousand elements and at 50 levels, counts UTF-16 units, and matches patterns with backtracking.
 * Throws a SyntaxError when it read something RFC 9535 does not know.
 */
export function toSegments(query: JSONPathQuery, compileFilter: CompileFilter): readonly Segment[] {
  const { NameSelector, IndexSelector } = rfcLibrary().jsonpath.selectors;
  return query.segments.map((segment): Segment => {
    const picks = segment.selectors.map((selector) => toPick(selector, compileFilter));
    const [only] = segment.selectors;
    const deep = segment.toString().startsWith('..');
    if (only !== undefined && segment.selectors.length === 1 && !deep) {
      if (only instanceof NameSelector) return { kind: 'name', name: only.name };
      if (only instanceof IndexSelector) return { kind: 'index', index: only.index };
    }
    return { kind: deep ? 'deep' : 'each', pick: all(picks) };
  });
}

export const isSingular = (segments: readonly Segment[]): boolean =>
  segments.every(({ kind }) => kind !== 'each' && kind !== 'deep');

/** The value at a singular path, or undefined. */
export function compileStep(segments: readonly Segment[]): (value: Json) => Json | undefined {
  const steps = segments.map(toStep);
  return function selectOne(value) {
    let at: Json | undefined = value;
    for (const step of steps) {
      at = step(at);
      if (at === undefined) return undefined;
    }
    return at;
  };
}

export function compileFind(segments: readonly Segment[]): Find {
  const applied = segments.map(toApply);
  return function find(value, evaluation) {
    let nodes: readonly Json[] = [value];
    for (const apply of applied) {
      if (nodes.length === 0) break;
      nodes = apply(nodes, evaluation);
    }
    return nodes;
  };
}

type Apply = (nodes: readonly Json[], evaluation: Evaluation) => readonly Json[];

function toApply(segment: Segment): Apply {
  if (segment.kind === 'each' || segment.kind === 'deep') {
    const { pick } = segment;
    const visit = segment.kind === 'each' ? pick : descend(pick);
    return function applyPick(nodes, evaluation) {
      const out: Json[] = [];
      for (const node of nodes) visit(node, out, evaluation);
      return out;
    };
  }
  const step = toStep(segment);
  return function applyStep(nodes, evaluation) {
    evaluation.spend(nodes.length);
    const out: Json[] = [];
    for (const node of nodes) {
      const found = step(node);
      if (found !== undefined) out.push(found);
    }
    return out;
  };
}

function toStep(segment: Segment): (value: Json) => Json | undefined {
  switch (segment.kind) {
    case 'name':
      return (value) => memberOf(value, segment.name);
    case 'index':
      return (value) => elementOf(value, segment.index);
    case 'either':
      return (value) => memberOf(value, segment.name) ?? elementOf(value, Number(segment.name));
    default:
      throw new TypeError('a step selects one value');
  }
}

/** Parents before children, children in order; a stack of our own, as answers may be nested deeply. */
function descend(pick: Pick): Pick {
  return function pickDeep(value, out, evaluation) {
    const pending = [value];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      pick(at, out, evaluation);
      const children = childrenOf(at);
      evaluation.spend(children.length + 1);
      for (let index = children.length - 1; index >= 0; index -= 1) {
        pending.push(children[index] as Json);
      }
    }
  };
}

function all(picks: readonly Pick[]): Pick {
  const [only] = picks;
  if (picks.length === 1 && only !== undefined) return only;
  return (value, out, evaluation) => {
    for (const pick of picks) pick(value, out, evaluation);
  };
}

function toPick(selector: jsonpath.JSONPathSelector, compileFilter: CompileFilter): Pick {
  const { NameSelector, IndexSelector, SliceSelector, WildcardSelector, FilterSelector } =
    rfcLibrary().jsonpath.selectors;
  if (selector instanceof NameSelector || selector instanceof IndexSelector) {
    const step = toStep(
      selector instanceof NameSelector
        ? { kind: 'name', name: selector.name }
        : { kind: 'index', index: selector.index },
    );
    return function pickOne(value, out) {
      const found = step(value);
      if (found !== undefined) out.push(found);
    };
  }
  if (selector instanceof WildcardSelector) {
    return function pickAll(value, out, evaluation) {
      const children = childrenOf(value);
      evaluation.spend(children.length);
      for (const child of children) out.push(child);
    };
  }
  if (selector instanceof SliceSelector) return toSlice(selector);
  if (selector instanceof FilterSelector) {
    const test = compileFilter(selector.expression);
    return function pickMatching(value, out, evaluation) {
      for (const child of childrenOf(value)) {
        evaluation.spend(1);
        if (test(child, evaluation)) out.push(child);
      }
    };
  }
  throw new SyntaxError(`"${selector.toString()}" is no selector of RFC 9535`);
}

function toSlice(selector: {
  readonly start?: number | undefined;
  readonly stop?: number | undefined;
  readonly step?: number | undefined;
}): Pick {
  const step = selector.step ?? 1;
  return function pickSlice(value, out, evaluation) {
    if (!Array.isArray(value) || step === 0) return;
    const { length } = value;
    const place = (index: number) => (index < 0 ? index + length : index);
    const clamp = (index: number, low: number, high: number) =>
      Math.min(Math.max(index, low), high);
    const forward = step > 0;
    const start = selector.start ?? (forward ? 0 : length - 1);
    const first = forward ? clamp(place(start), 0, length) : clamp(place(start), -1, length - 1);
    const stop = selector.stop === undefined ? (forward ? length : -1) : place(selector.stop);
    const last = forward ? clamp(stop, 0, length) : clamp(stop, -1, length - 1);
    for (let at = first; forward ? at < last : at > last; at += step) {
      evaluation.spend(1);
      out.push(value[at] as Json);
    }
  };
}
