import { parseTemplate, readerOf, toText, type Value } from '../expression/template.ts';
import { isJson } from '../json.ts';
import type { Scope } from '../plan/plan.ts';

/** JSON text with tags in it, read once: where a value stands decides how it is written. */
export type JsonTemplate =
  | { readonly root: Node; readonly units: readonly Unit[]; readonly why?: undefined }
  | { readonly root?: undefined; readonly why: string };

/** A character of the text, or a tag. */
type Unit = string | Tag;

interface Tag {
  readonly name: string;
  /** Stands inside a JSON string, so its value is text there. */
  quoted: boolean;
}

type Node =
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string }
  | StringNode
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: StringNode, Node])[] };

interface StringNode {
  readonly kind: 'string';
  /** JSON text between the quotes, and the names of tags. */
  readonly pieces: readonly (string | { readonly name: string })[];
}

const DEEPEST = 200;

/** Reads `{"a": {{b}}, "c": "x {{d}}"}`; `why` ends a sentence about text that is no JSON. */
export function parseJsonTemplate(text: string): JsonTemplate {
  const { parts, why } = parseTemplate(text);
  if (parts === undefined) return { why };
  const units: Unit[] = parts.flatMap((part): Unit[] =>
    'text' in part ? part.text.split('') : [{ name: part.name, quoted: false }],
  );
  try {
    return { root: readDocument(units), units };
  } catch (thrown) {
    if (!(thrown instanceof NoJson)) throw thrown;
    return { why: thrown.message };
  }
}

class NoJson extends Error {}

function readDocument(units: readonly Unit[]): Node {
  let at = 0;
  let depth = 0;

  function fail(what: string): never {
    const before = units.slice(0, at).map((unit) => (typeof unit === 'string' ? unit : '{{}}'));
    throw new NoJson(`${what} in line ${before.filter((unit) => unit === '\n').length + 1} of it`);
  }

  function skipSpace(): Unit | undefined {
    while (/^[ \t\r\n]$/.test(String(units[at]))) at += 1;
    return units[at];
  }

  function readValue(): Node {
    const unit = skipSpace();
    if (unit === undefined) return fail('a value is missing at the end');
    if (typeof unit === 'object') {
      at += 1;
      return { kind: 'value', name: unit.name };
    }
    if (unit === '"') return readString();
    if (unit !== '[' && unit !== '{') return readLiteral();
    depth += 1;
    if (depth > DEEPEST) fail(`there are more than ${DEEPEST} levels`);
    at += 1;
    const node: Node =
      unit === '['
        ? { kind: 'array', items: readList(']', readValue) }
        : { kind: 'object', members: readList('}', readMember) };
    depth -= 1;
    return node;
  }

  function readMember(): readonly [StringNode, Node] {
    if (skipSpace() !== '"') fail('a key in quotes is missing');
    const key = readString();
    if (skipSpace() !== ':') fail('a colon is missing');
    at += 1;
    return [key, readValue()];
  }

  function readList<Item>(end: string, readItem: () => Item): Item[] {
    const items: Item[] = [];
    if (skipSpace() === end) {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(readItem());
      const unit = skipSpace();
      if (unit !== ',' && unit !== end) fail(`a comma or "${end}" is missing`);
      at += 1;
      if (unit === end) return items;
    }
  }

  function readString(): StringNode {
    const pieces: (string | { name: string })[] = [];
    let text = '';
    const take = (): void => {
      if (!isJson(`"${text}"`)) fail('a text holds a line break or an escape that JSON has not');
      if (text !== '') pieces.push(text);
      text = '';
    };
    for (at += 1; ; at += 1) {
      const unit = units[at];
      if (unit === undefined) return fail('a text is not closed with a quote');
      if (typeof unit === 'object') {
        take();
        unit.quoted = true;
        pieces.push({ name: unit.name });
      } else if (unit === '"') {
        take();
        at += 1;
        return { kind: 'string', pieces };
      } else {
        text += unit;
        if (unit === '\\' && typeof units[at + 1] === 'string') {
          at += 1;
          text += units[at];
        }
      }
    }
  }

  function readLiteral(): Node {
    let text = '';
    for (; at < units.length && !/^[\s,\]}]$/.test(String(units[at])); at += 1) {
      const unit = units[at] as Unit;
      text += typeof unit === 'string' ? unit : '{{}}';
    }
    return isJson(text) ? { kind: 'raw', text } : fail('a value is neither a tag nor JSON');
  }

  const root = readValue();
  if (skipSpace() !== undefined) fail('something follows the value');
  return root;
}

/**
 * The function that writes the text for one request: as the file spells it when every value is
 * there. Members and items whose value is absent are left out; undefined when nothing is left.
 * @param resolve finds what a tag stands for; undefined was reported
 */
export function compileJsonTemplate(
  template: JsonTemplate & { readonly root: Node },
  resolve: (name: string) => Value | undefined,
): ((scope: Scope) => string | undefined) | undefined {
  const readers = new Map<string, (scope: Scope) => unknown>();
  for (const unit of template.units) {
    if (typeof unit === 'string' || readers.has(unit.name)) continue;
    const value = resolve(unit.name);
    if (value === undefined) return undefined;
    readers.set(unit.name, readerOf(value));
  }
  const pieces = joined(template.units);
  return function writeJson(scope) {
    const values = new Map<string, unknown>();
    let isWhole = true;
    for (const [name, read] of readers) {
      const value = read(scope);
      if (value === undefined) isWhole = false;
      else values.set(name, value);
    }
    if (!isWhole) return writeNode(template.root, values);
    let out = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') out += piece;
      else if (piece.quoted) out += quotedText(values.get(piece.name));
      else out += JSON.stringify(values.get(piece.name));
    }
    return out;
  };
}

function joined(units: readonly Unit[]): readonly Unit[] {
  const pieces: Unit[] = [];
  for (const unit of units) {
    const last = pieces.at(-1);
    if (typeof unit === 'string' && typeof last === 'string')
      pieces[pieces.length - 1] = last + unit;
    else pieces.push(unit);
  }
  return pieces;
}

const quotedText = (value: unknown): string => JSON.stringify(toText(value)).slice(1, -1);

function writeNode(node: Node, values: ReadonlyMap<string, unknown>): string | undefined {
  switch (node.kind) {
    case 'raw':
      return node.text;
    case 'value':
      return values.has(node.name) ? JSON.stringify(values.get(node.name)) : undefined;
    case 'string': {
      let text = '';
      for (const piece of node.pieces) {
        if (typeof piece === 'string') text += piece;
        else if (values.has(piece.name)) text += quotedText(values.get(piece.name));
        else return undefined;
      }
      return `"${text}"`;
    }
    case 'array': {
      const items = node.items.map((item) => writeNode(item, values));
      return `[${items.filter((item) => item !== undefined).join(',')}]`;
    }
    default: {
      const members = node.members.flatMap(([key, member]) => {
        const [name, value] = [writeNode(key, values), writeNode(member, values)];
        return name === undefined || value === undefined ? [] : [`${name}:${value}`];
      });
      return `{${members.join(',')}}`;
    }
  }
}
