import { hasTags, parseTemplate, readerOf, toText } from '../expression/template.ts';
import { percentDecoded } from '../percent.ts';
import type { Scope } from '../plan/plan.ts';
import { type BuildBody, FORM_TYPE, JSON_TYPE } from './body-content.ts';
import { compileJsonTemplate, parseJsonTemplate } from './body-json.ts';
import { type Place, type PlaceAt, placeInSparql, placeInText, placeInXml } from './body-markup.ts';
import type { Compilation } from './compilation.ts';
import { percentEncode, queryEncoder, type Refuse } from './encode.ts';
import type { ParameterValues } from './parameter-values.ts';

export type TextType = 'json' | 'text' | 'xml' | 'sparql' | 'formUrlEncoded';

interface TextBody {
  readonly compilation: Compilation;
  readonly values: ParameterValues;
  readonly pointer: string;
  readonly text: string;
  readonly type: TextType;
}

const MEDIA: Readonly<Record<TextType, string>> = {
  json: JSON_TYPE,
  text: 'text/plain; charset=utf-8',
  xml: 'application/xml',
  sparql: 'application/sparql-query',
  formUrlEncoded: FORM_TYPE,
};

/** A body that the file writes as text with tags; values go in as the type's own values. */
export function compileTextBody(body: TextBody): BuildBody | undefined {
  const type = MEDIA[body.type];
  if (body.type === 'json') return compileJson(body, type);
  if (!hasTags(body.text)) return () => ({ bytes: body.text, type });
  if (body.type === 'formUrlEncoded') return compileForm(body);
  const write = compileMarkup(body, PLACES[body.type]);
  if (write === undefined) return undefined;
  return (scope, _contentType, refuse) => ({ bytes: write(scope, refuse), type });
}

const PLACES: Readonly<Record<Exclude<TextType, 'json' | 'formUrlEncoded'>, PlaceAt>> = {
  text: placeInText,
  xml: placeInXml,
  sparql: placeInSparql,
};

function compileJson(body: TextBody, type: string): BuildBody | undefined {
  const { text, values, pointer } = body;
  const template = parseJsonTemplate(text);
  if (template.why === undefined) {
    const write = compileJsonTemplate(template, (name) => values.tag(name, pointer));
    if (write === undefined) return undefined;
    return (scope) => {
      const bytes = write(scope);
      return bytes === undefined ? undefined : { bytes, type };
    };
  }
  if (/^\s*[[{"]/.test(text)) {
    const message =
      `This body should be JSON, but ${template.why}. A tag outside quotes stands for a whole value, ` +
      'and one inside quotes for a piece of text.';
    body.compilation.report('BODY_INVALID', pointer, message);
    return undefined;
  }
  const value = values.template(text, pointer);
  if (value === undefined) return undefined;
  const read = readerOf(value);
  return (scope) => {
    const given = read(scope);
    return given === undefined ? undefined : { bytes: JSON.stringify(toText(given)), type };
  };
}

type WriteText = (scope: Scope, refuse: Refuse) => string;

/** What is absent leaves nothing in its place. */
function compileMarkup(
  { compilation, values, pointer, text }: TextBody,
  placeAt: PlaceAt,
): WriteText | undefined {
  const { parts, why } = parseTemplate(text);
  if (parts === undefined) {
    compilation.report('TEMPLATE_INVALID', pointer, `This text cannot be read: ${why}.`);
    return undefined;
  }
  const texts = parts.map((part) => ('text' in part ? part.text : ''));
  const pieces: (string | WriteText)[] = [];
  for (const [index, part] of parts.entries()) {
    if ('text' in part) {
      pieces.push(part.text);
      continue;
    }
    const value = values.tag(part.name, pointer);
    if (value === undefined) return undefined;
    const place = placeAt(texts.slice(0, index).join(''), texts.slice(index + 1).join(''));
    if (typeof place === 'object') {
      compilation.report(
        'BODY_INVALID',
        pointer,
        `{{${part.name}}} cannot be filled in: ${place.why}.`,
      );
      return undefined;
    }
    pieces.push(
      writerOf(readerOf(value), 'input' in value ? value.input : undefined, part.name, place),
    );
  }
  return function writeText(scope, refuse) {
    let out = '';
    for (const piece of pieces) out += typeof piece === 'string' ? piece : piece(scope, refuse);
    return out;
  };
}

const writerOf =
  (
    read: (scope: Scope) => unknown,
    input: string | undefined,
    name: string,
    place: Place,
  ): WriteText =>
  (scope, refuse) => {
    const given = read(scope);
    return given === undefined ? '' : place(given, input ?? name, refuse);
  };

/** `a={{b}}&c=d`: a pair whose value is absent is left out; a list repeats its name. */
function compileForm(body: TextBody): BuildBody | undefined {
  const style = { style: 'form', explode: true };
  const writes: (string | ((scope: Scope, refuse: Refuse) => string))[] = [];
  for (const pair of body.text.trim().split('&')) {
    const alone = /^([^=]*)=\s*\{\{\{?([^{}]*)\}\}\}?\s*$/.exec(pair);
    if (!hasTags(pair)) writes.push(pair);
    else if (alone !== null && !hasTags(alone[1] as string)) {
      const [, written, tag] = alone as unknown as [string, string, string];
      const value = body.values.tag(tag.trim(), body.pointer);
      if (value === undefined) return undefined;
      const read = readerOf(value);
      const encode = queryEncoder(percentDecoded(written.replaceAll('+', ' ')), style);
      const input = 'input' in value && value.input !== undefined ? value.input : tag.trim();
      writes.push((scope, refuse) => {
        const given = read(scope);
        return given === undefined ? '' : encode(given, input, refuse);
      });
    } else {
      const write = compileMarkup({ ...body, text: pair }, () => encodeInPair);
      if (write === undefined) return undefined;
      writes.push(write);
    }
  }
  return (scope, _contentType, refuse) => {
    const pairs = writes.map((write) => (typeof write === 'string' ? write : write(scope, refuse)));
    return { bytes: pairs.filter((pair) => pair !== '').join('&'), type: FORM_TYPE };
  };
}

const encodeInPair: Place = (value, input, refuse) => {
  const encoded = percentEncode(toText(value));
  if (encoded === undefined) refuse(input, 'holds a broken character (half of a surrogate pair)');
  return encoded ?? '';
};
