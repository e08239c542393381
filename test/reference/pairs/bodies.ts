import { jsonBody } from '../../support/http.ts';
import { exchange, type Pair, type Part } from './pair.ts';
import { overRest } from './serving.ts';

const title = { name: 'title', in: 'body', type: 'string' };

/** POSTs a JSON field to a route whose consumed operation has a body of its own. */
function posted(
  sent: string,
  body: unknown,
  given: string | object,
  [type, reference]: readonly [string, string],
  [ourType, ours]: readonly [string, string],
  declared: object = title,
): Part {
  return {
    sent,
    reference: exchange(`POST /things, body (${type}) ${reference}`, '200'),
    ours: exchange(`POST /things, body (${ourType}) ${ours}`, '200'),
    ask: (t) =>
      overRest(
        t,
        { method: 'POST', operation: { body }, declared: [declared] },
        '/r',
        jsonBody(given),
      ),
  };
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const template = { operation: { body: '{"a":"{{title}}"}' }, declared: [title], method: 'POST' };

export const bodyPairs: readonly Pair[] = [
  {
    number: 17,
    setup: 'a body of type json, an object with a template',
    why: 'Values are put in as values: whatever the caller writes, the body stays JSON.',
    parts: [
      posted(
        'POST of a title with quotes',
        { type: 'json', data: { title: '{{title}}' } },
        { title: 'say "hi"' },
        [JSON_TYPE, '{"title":"say "hi""}'],
        [JSON_TYPE, '{"title":"say \\"hi\\""}'],
      ),
    ],
  },
  {
    number: 18,
    setup: 'a body of each type, written as a string',
    why: 'A body is what its type says, with the media type of it, not a JSON string around it.',
    parts: [
      posted(
        'json',
        { type: 'json', data: '{"a":"{{title}}"}' },
        { title: 'x' },
        [JSON_TYPE, '"{\\"a\\":\\"x\\"}"'],
        [JSON_TYPE, '{"a":"x"}'],
      ),
      posted(
        'text',
        { type: 'text', data: 'It is {{title}}' },
        { title: 'x' },
        [JSON_TYPE, '"It is x"'],
        ['text/plain', 'It is x'],
      ),
      posted(
        'xml',
        { type: 'xml', data: '<a>{{title}}</a>' },
        { title: 'x' },
        ['application/xml', '"<a>x</a>"'],
        ['application/xml', '<a>x</a>'],
      ),
      posted(
        'formUrlEncoded',
        { type: 'formUrlEncoded', data: 'a={{title}}' },
        { title: 'x y' },
        [FORM_TYPE, '"a=x y"'],
        [FORM_TYPE, 'a=x%20y'],
      ),
    ],
  },
  {
    number: 19,
    setup: 'a body of type formUrlEncoded, written as an object',
    why: 'A form is pairs of names and values; a server that is told of a form cannot read JSON.',
    parts: [
      posted(
        'POST',
        { type: 'formUrlEncoded', data: { a: '{{title}}' } },
        { title: 'x&y' },
        [FORM_TYPE, '{"a":"x&y"}'],
        [FORM_TYPE, 'a=x%26y'],
      ),
    ],
  },
  {
    number: 20,
    setup: 'a body that is one template, fed with an object',
    why: 'An object in a JSON body is JSON, not the way Java prints a map.',
    parts: [
      posted(
        'POST of an object',
        '{{filter}}',
        { filter: { k: 'v' } },
        [JSON_TYPE, '{k=v}'],
        [JSON_TYPE, '{"k":"v"}'],
        { name: 'filter', in: 'body', type: 'object' },
      ),
    ],
  },
  {
    number: 21,
    setup: 'a body with a template',
    why: 'What a caller writes is never read as a template, and no answer shows the body that was made.',
    parts: [
      {
        sent: 'POST of the title `{{tags}}`',
        reference: exchange('nothing', '400 with the body and all parameter names'),
        ours: exchange('POST /things, body (application/json) {"a":"{{tags}}"}', '200'),
        ask: (t) => overRest(t, template, '/r', jsonBody({ title: '{{tags}}' })),
      },
    ],
  },
  {
    number: 22,
    setup: 'a body with a template',
    why: 'Both refuse it; here the caller is told that the body is not JSON, and where.',
    parts: [
      {
        sent: 'POST of what is not JSON',
        reference: exchange('nothing', '400 that names an unresolved template'),
        ours: exchange('nothing', '400 BODY_NOT_JSON'),
        ask: (t) => overRest(t, template, '/r', jsonBody('not json')),
      },
    ],
  },
];
