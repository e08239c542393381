import { toText } from '../expression/template.ts';
import type { Refuse } from './encode.ts';

/** Writes one value into the place of a text where its tag stands. */
export type Place = (value: unknown, input: string, refuse: Refuse) => string;

/**
 * Decides for a tag what its value may become, from the author's text before and behind it; other tags
 * count as nothing. A sentence says why a value can stand there in no way.
 */
export type PlaceAt = (before: string, after: string) => Place | { readonly why: string };

const list = (value: unknown, separator: string): string =>
  Array.isArray(value) ? value.map(toText).join(separator) : toText(value);

/** Plain text has no structure that a value could break. */
export const placeInText: PlaceAt = () => (value) => toText(value);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no XML document can hold
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

const xmlText = (value: unknown, input: string, refuse: Refuse): string => {
  const text = list(value, ' ');
  if (NOT_XML.test(text)) refuse(input, 'holds a character that XML cannot carry');
  return text;
};

const inElement: Place = (value, input, refuse) =>
  xmlText(value, input, refuse).replace(/[&<>"'\r]/g, (found) => ENTITIES[found] as string);
const inAttribute: Place = (value, input, refuse) =>
  xmlText(value, input, refuse).replace(/[&<>"'\r\n\t]/g, (found) => ENTITIES[found] as string);
/** Outside of the section, which a value could otherwise end together with the text around it. */
const inCdata: Place = (value, input, refuse) => `]]>${inElement(value, input, refuse)}<![CDATA[`;
const inName: Place = (value, input, refuse) => {
  const text = xmlText(value, input, refuse);
  if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text))
    refuse(input, 'must be a name: it stands in the markup of an XML body');
  return text;
};

/** Values stand in XML as text, whatever they hold. */
export const placeInXml: PlaceAt = (before) => {
  let at = 0;
  const through = (end: string): boolean => {
    const found = before.indexOf(end, at);
    at = found === -1 ? before.length : found + end.length;
    return found !== -1;
  };
  while (at < before.length) {
    const open = before.indexOf('<', at);
    if (open === -1) return inElement;
    at = open;
    if (before.startsWith('<!--', at)) {
      if (!through('-->')) return { why: 'a comment of an XML body can hold no value' };
    } else if (before.startsWith('<![CDATA[', at)) {
      if (!through(']]>')) return inCdata;
    } else if (before.startsWith('<?', at)) {
      if (!through('?>')) return { why: 'an instruction of an XML body can hold no value' };
    } else if (before.startsWith('<!', at)) {
      if (!through('>') || before.slice(0, at).includes('['))
        return { why: 'an XML body that holds values can hold no document type with declarations' };
    } else {
      const ended = endOfTag(before, at + 1);
      if (typeof ended !== 'number') return ended;
      at = ended;
    }
  }
  return inElement;
};

function endOfTag(text: string, start: number): number | Place {
  let quote = '';
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at + 1;
  }
  return quote === '' ? inName : inAttribute;
}

const sparqlEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const sparqlText = (value: unknown): string =>
  toText(value).replace(/[\\"'\n\r\t]/g, (found) => sparqlEscapes[found] as string);

const inLiteral: Place = (value) => sparqlText(value);
const inIri: Place = (value) =>
  toText(value).replace(/[\0-\x20\s\x7f-\x9f<>"{}|^`\\]/g, (found) => encodeURIComponent(found));
const inLocalName: Place = (value, input, refuse) => {
  const text = toText(value);
  if (!/^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*)$/u.test(text))
    refuse(input, 'must be a name of letters, digits, "_" and "-": it stands in a name of a query');
  return text;
};
/** A value on its own is a literal of its type. */
const asLiteral: Place = (value, input, refuse) => {
  if (Array.isArray(value)) return value.map((item) => asLiteral(item, input, refuse)).join(' ');
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `"${sparqlText(value)}"`;
};

/** Values stand in a SPARQL query as literals, as pieces of an IRI, or as names; never as query text. */
export const placeInSparql: PlaceAt = (before, after) => {
  const token =
    /"""(?:\\.|(?!""").)*"""|'''(?:\\.|(?!''').)*'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|<[^<>"{}|^`\\\s]*>|#[^\n]*\n/gsu;
  const rest = before.replace(token, (found) => (found.startsWith('#') ? '\n' : ' '));
  const open = /"""|'''|"|'|#/.exec(rest);
  if (open !== null)
    return open[0] === '#' ? { why: 'a comment of a SPARQL query can hold no value' } : inLiteral;
  const opensIri = /<(?:[a-z][\w+.-]*:[^<>"{}|^`\\\s]*|[/.][^<>"{}|^`\\\s]*)?$/iu.test(rest);
  if (opensIri && /^[^<>"{}|^`\\\s]*>/.test(after)) return inIri;
  return /[\p{L}\p{N}_:?$@-]$/u.test(rest) ? inLocalName : asLiteral;
};
