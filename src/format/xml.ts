import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Json } from '../plan/plan.ts';
import { nameRoot } from './root.ts';
import { decodeText } from './text.ts';
import { checkSize, createCount, DEEPEST, unreadable } from './unreadable.ts';

/** What the parser gives, order kept: `{<name>: children, ':@': attributes}`, or one text. */
type Item = { readonly [name: string]: unknown };

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';
const ATTRIBUTE_PREFIX = '@';
/** Put before each name, so that no name can be a reserved one of the library or the language. */
const NAME_PREFIX = '<';

const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE_PREFIX,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: DEEPEST,
  jPath: false,
  transformTagName: (name) => (name.startsWith(NAME_PREFIX) ? name : NAME_PREFIX + name),
});

/**
 * The tree of an XML answer, its root element dropped: `<root><user>…` is `$.user`. Attributes and
 * elements are fields by their local names, repeated ones lists; leaves are text; text beside fields
 * stands under `""`; `xsi:nil` is null. A path that begins with the root's own name finds it, too:
 * the root is a hidden field of the tree, seen by name and by nothing that lists fields.
 * Only the five entities of XML and character references are known; what a DTD declares is not.
 */
export function readXml(bytes: Buffer, contentType: string | undefined): Json {
  checkSize('xml', bytes, 8);
  const text = decodeText(bytes, contentType, {
    format: 'xml',
    strict: true,
    declared: (head) => /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1],
  });
  const root = readRoot(text);
  const count = createCount('xml');
  const name = nameOf(root);
  return nameRoot(toTree(root, name, count), localName(name));
}

function readRoot(text: string): Item {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    throw unreadable('xml', `it is not well-formed (line ${valid.err.line})`);
  }
  let items: readonly Item[];
  try {
    items = PARSER.parse(text) as readonly Item[];
  } catch (error) {
    throw unreadable('xml', reasonOf(error as Error));
  }
  const [root] = items;
  if (root === undefined || items.length > 1 || hasTextOutside(text)) {
    throw unreadable('xml', 'it has more or less than one root element');
  }
  return root;
}

function reasonOf(error: Error): string {
  if (/nested/.test(error.message)) return `it is nested more than ${DEEPEST} levels deep`;
  if (/entit/i.test(error.message)) return 'it declares entities, which are never followed';
  return 'it is not well-formed';
}

/** The validator lets text stand before and after the root. */
const hasTextOutside = (text: string): boolean =>
  text.slice(text.lastIndexOf('>') + 1).trim() !== '' || !text.trimStart().startsWith('<');

const nameOf = (item: Item): string =>
  Object.keys(item).find((key) => key !== ATTRIBUTES) ?? NAME_PREFIX;

function localName(name: string): string {
  const bare = name.startsWith(NAME_PREFIX) ? name.slice(NAME_PREFIX.length) : name;
  return bare.slice(bare.indexOf(':') + 1);
}

function toTree(item: Item, name: string, count: () => void): Json {
  count();
  const fields = new Map<string, Json[]>();
  if (addAttributes(fields, item[ATTRIBUTES] as Item | undefined, count)) return null;
  let texts: string[] = [];
  for (const child of item[name] as readonly Item[]) {
    const key = nameOf(child);
    if (key === TEXT) texts.push(unescapeText(child[TEXT] as string));
    else if (key === CDATA) texts.push((child[CDATA] as readonly Item[])[0]?.[TEXT] as string);
    else add(fields, localName(key), toTree(child, key, count));
  }
  if (fields.size === 0) {
    const text = texts.join('');
    return text.trim() === '' ? '' : text;
  }
  texts = texts.filter((text) => text.trim() !== '');
  for (const text of texts) add(fields, '', text);
  return Object.fromEntries(
    Array.from(fields, ([field, values]) => [
      field,
      values.length === 1 ? (values[0] as Json) : values,
    ]),
  );
}

/** True when the element says that it has no value. */
function addAttributes(
  fields: Map<string, Json[]>,
  attributes: Item | undefined,
  count: () => void,
): boolean {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    const name = key.slice(ATTRIBUTE_PREFIX.length);
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    const text = unescapeText(value as string);
    if (name.endsWith(':nil') && (text === 'true' || text === '1')) return true;
    count();
    add(fields, localName(name), text);
  }
  return false;
}

function add(fields: Map<string, Json[]>, name: string, value: Json): void {
  const values = fields.get(name);
  if (values === undefined) fields.set(name, [value]);
  else values.push(value);
}

const ENTITY = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&/g;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(ENTITY, (_, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return ENTITIES[name] as string;
    const code = decimal === undefined ? Number.parseInt(hex ?? 'x', 16) : Number(decimal);
    if (!isCharacter(code)) {
      throw unreadable('xml', 'it uses an entity that is not one of the five of XML');
    }
    return String.fromCodePoint(code);
  });
}

const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 32 && code < 0xd800) ||
  (code > 0xdfff && code <= 0x10ffff && code !== 0xfffe && code !== 0xffff);
