import { isRecord } from '../json.ts';
/**
 * Rearranges `oneOf` and `anyOf` of a JSON Schema into `if`/`then`/`else` chains where the
 * alternatives can be told apart by the value of a key (`type: rest`), by the presence of a key
 * (`call`, `steps`), or by their JSON type. A validator then reports only what is wrong in the
 * alternative that was meant. The result explains; it does not judge: it may accept a little more.
 */
export function dispatchBranches(root: object): unknown {
  return rearranged(root, root);
}

type Schema = Readonly<Record<string, unknown>>;

interface Branch {
  readonly schema: unknown;
  /** Values that `type` or `transport` may have in this alternative, when it has to be there. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  readonly required: readonly string[];
  readonly type: unknown;
}

function rearranged(node: unknown, root: object): unknown {
  if (Array.isArray(node)) return node.map((item) => rearranged(item, root));
  if (!isRecord(node)) return node;
  const copy = Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== '$id')
      .map(([key, value]) => [key, rearranged(value, root)]),
  );
  for (const keyword of ['oneOf', 'anyOf']) {
    const branches = node[keyword];
    if (!Array.isArray(branches)) continue;
    const chain = chainOf(
      branches.map((branch, index) =>
        describe(branch, (copy[keyword] as unknown[])[index] as object, root),
      ),
    );
    if (chain === undefined) continue;
    delete copy[keyword];
    copy.allOf = [...((copy.allOf as unknown[] | undefined) ?? []), chain];
  }
  return copy;
}

function chainOf(branches: readonly Branch[]): Schema | undefined {
  const conditions = branches.map((branch) => conditionOf(branch, branches));
  const open = branches.filter((_, index) => conditions[index] === undefined);
  if (open.length > 1 || open.length === branches.length) return undefined;
  let chain: unknown = open[0]?.schema ?? noneOf(branches, conditions as Schema[]);
  for (let index = branches.length - 1; index >= 0; index -= 1) {
    const condition = conditions[index];
    if (condition !== undefined) {
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      chain = { if: condition, then: branches[index]?.schema, else: chain };
    }
  }
  return chain as Schema;
}

function conditionOf(branch: Branch, branches: readonly Branch[]): Schema | undefined {
  for (const key of ['type', 'transport']) {
    const values = branch.values.get(key);
    if (values !== undefined) {
      return { type: 'object', properties: { [key]: { enum: values } }, required: [key] };
    }
  }
  const own = branch.required.find(
    (key) => branches.filter(({ required }) => required.includes(key)).length === 1,
  );
  if (own !== undefined && branches.every(({ values }) => values.size === 0)) {
    return { required: [own] };
  }
  const alone = branches.filter(({ type }) => type === branch.type).length === 1;
  const scalar = typeof branch.type === 'string' && branch.type !== 'object';
  return scalar && alone ? { type: branch.type } : undefined;
}

/** What is said when no alternative was meant. */
function noneOf(branches: readonly Branch[], conditions: readonly Schema[]): Schema {
  const values = branches.flatMap(({ values }) => values.get('type') ?? []);
  const scalars = conditions.flatMap(({ type }) => (type === 'object' ? [] : (type ?? [])));
  if (values.length > 0) {
    const mapping = { required: ['type'], properties: { type: { enum: values } } };
    return { type: [...new Set(['object', ...scalars])], ...mapping };
  }
  if (scalars.length === branches.length) return { type: scalars };
  return { anyOf: conditions };
}

function describe(original: unknown, schema: unknown, root: object): Branch {
  const values = new Map<string, readonly unknown[]>();
  const required = new Set<string>();
  let type: unknown;
  const collect = (part: unknown): void => {
    if (!isRecord(part)) return;
    collect(resolve(part.$ref, root));
    for (const item of Array.isArray(part.allOf) ? part.allOf : []) collect(item);
    for (const key of Array.isArray(part.required) ? part.required : []) required.add(String(key));
    type = part.type ?? type;
    for (const key of ['type', 'transport']) {
      const property = isRecord(part.properties) ? part.properties[key] : undefined;
      if (!isRecord(property)) continue;
      const allowed = 'const' in property ? [property.const] : property.enum;
      const before = values.get(key);
      if (Array.isArray(allowed) && (before === undefined || allowed.length < before.length)) {
        values.set(key, allowed);
      }
    }
  };
  collect(original);
  for (const key of values.keys()) if (!required.has(key)) values.delete(key);
  return { schema, values, required: [...required], type };
}

function resolve(reference: unknown, root: object): unknown {
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
  let node: unknown = root;
  for (const token of reference.slice(2).split('/'))
    node = isRecord(node) ? node[token] : undefined;
  return node;
}
