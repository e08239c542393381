import { pointerOf } from '../document/source.ts';
import { hasTags, parseTemplate, readerOf, toText } from '../expression/template.ts';
import type { AskStep, Question } from '../plan/dialogue.ts';
import type { Json, Scope } from '../plan/plan.ts';
import { readAction, readForm, readRoots, readSample } from './ask-answers.ts';
import type { Compilation } from './compilation.ts';
import { compileForm } from './elicit-form.ts';
import type { StepReferences } from './step-references.ts';

/** A step of type elicit, as the file writes it. */
interface WrittenElicit {
  readonly type: 'elicit';
  readonly name: string;
  readonly message: string;
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly url?: string;
  readonly optional?: boolean;
}

/** A step of type sample, as the file writes it. */
interface WrittenSample {
  readonly type: 'sample';
  readonly name: string;
  readonly prompt?: string;
  readonly messages?: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
  readonly systemPrompt?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  readonly modelPreferences?: { readonly [key: string]: Json };
  readonly optional?: boolean;
}

/** A step of type roots, as the file writes it. */
interface WrittenRoots {
  readonly type: 'roots';
  readonly name: string;
  readonly optional?: boolean;
}

export type WrittenAsk = WrittenElicit | WrittenSample | WrittenRoots;

const DEFAULT_MAX_TOKENS = 1000;

/** A question to the caller's client; undefined when it cannot be put, which is reported. */
export function compileAsk(
  compilation: Compilation,
  written: WrittenAsk,
  pointer: string,
  references: StepReferences,
): AskStep | undefined {
  const compiled = compileKind(compilation, written, pointer, references);
  if (compiled === undefined) return undefined;
  const { name, optional = false } = written;
  return { kind: 'ask', name, optional, ...compiled };
}

type Kind = Pick<AskStep, 'capability' | 'question' | 'read'>;

function compileKind(
  compilation: Compilation,
  written: WrittenAsk,
  pointer: string,
  references: StepReferences,
): Kind | undefined {
  switch (written.type) {
    case 'elicit': {
      const message = textOf(references, written.message, pointerOf(pointer, 'message'));
      return written.url === undefined
        ? compileFormStep(compilation, written, message, pointer)
        : compilePageStep(compilation, written, message, pointer, references);
    }
    case 'sample':
      return compileSample(compilation, written, pointer, references);
    case 'roots': {
      const question: Question = { method: 'roots/list', params: {} };
      return { capability: 'roots', question: () => question, read: readRoots };
    }
  }
}

function compileFormStep(
  compilation: Compilation,
  { schema }: WrittenElicit,
  message: Text,
  pointer: string,
): Kind | undefined {
  const form = compileForm(compilation, schema, pointerOf(pointer, 'schema'));
  if (form === undefined) return undefined;
  const { requestedSchema } = form;
  return {
    capability: 'elicitation',
    question: (scope) => ({
      method: 'elicitation/create',
      params: { message: message(scope), requestedSchema },
    }),
    read: schema === undefined ? readAction : readForm(form),
  };
}

function compilePageStep(
  compilation: Compilation,
  { schema, url: written = '' }: WrittenElicit,
  message: Text,
  pointer: string,
  references: StepReferences,
): Kind | undefined {
  if (schema !== undefined) {
    compilation.report(
      'ASK_INVALID',
      pointerOf(pointer, 'schema'),
      'A user is asked by a form or sent to a page, and this step has both a schema and a url. Keep one of the two.',
    );
    return undefined;
  }
  const url = addressOf(compilation, written, pointerOf(pointer, 'url'), references);
  if (url === undefined) return undefined;
  return {
    capability: 'elicitation.url',
    question: (scope) => ({
      method: 'elicitation/create',
      params: { mode: 'url', message: message(scope), url: url(scope) },
    }),
    read: readAction,
  };
}

function compileSample(
  compilation: Compilation,
  written: WrittenSample,
  pointer: string,
  references: StepReferences,
): Kind | undefined {
  const { prompt, messages, systemPrompt, maxTokens = DEFAULT_MAX_TOKENS } = written;
  if ((prompt === undefined) === (messages === undefined)) {
    const found = prompt === undefined ? 'neither' : 'both';
    compilation.report(
      'ASK_INVALID',
      pointer,
      `A model is asked with a prompt or with messages, and the step "${written.name}" has ${found}. Give it one of the two.`,
    );
    return undefined;
  }
  const said = (messages ?? [{ role: 'user', content: prompt as string }]).map(
    ({ role, content }, index) => {
      const at =
        messages === undefined
          ? pointerOf(pointer, 'prompt')
          : pointerOf(pointer, 'messages', index, 'content');
      return { role, text: textOf(references, content, at) };
    },
  );
  const system =
    systemPrompt === undefined
      ? undefined
      : textOf(references, systemPrompt, pointerOf(pointer, 'systemPrompt'));
  const { temperature, stopSequences, modelPreferences } = written;
  const fixed = {
    maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(modelPreferences === undefined ? {} : { modelPreferences }),
  };
  return {
    capability: 'sampling',
    question: (scope) => ({
      method: 'sampling/createMessage',
      params: {
        messages: said.map(({ role, text }) => ({
          role,
          content: { type: 'text', text: text(scope) },
        })),
        ...(system === undefined ? {} : { systemPrompt: system(scope) }),
        ...fixed,
      },
    }),
    read: readSample,
  };
}

type Text = (scope: Scope) => string;

/** A text for people or models. A value that is absent leaves a gap rather than nothing to read. */
function textOf(references: StepReferences, written: string, pointer: string): Text {
  if (!hasTags(written)) return () => written;
  const read = readerOf(references.value(written, pointer));
  const bare = written.replaceAll(/\{\{\{?[^{}]*\}?\}\}/g, '');
  return (scope) => {
    const value = read(scope);
    return value === undefined ? bare : toText(value);
  };
}

/** A page that a user is sent to. What is put into it stays one piece of a path or query. */
function addressOf(
  compilation: Compilation,
  written: string,
  pointer: string,
  references: StepReferences,
): Text | undefined {
  const { parts, why } = parseTemplate(written);
  if (parts === undefined) {
    compilation.report('TEMPLATE_INVALID', pointer, `This text cannot be read: ${why}.`);
    return undefined;
  }
  const pieces = parts.map((part, index) => {
    if ('text' in part) return () => part.text;
    const read = readerOf(references.value(`{{${part.name}}}`, pointer));
    return (scope: Scope): string => {
      const value = read(scope);
      if (value === undefined || value === null) {
        throw new Error(`Its page cannot be told: {{${part.name}}} has no value.`);
      }
      return index === 0 ? toText(value) : encodeURIComponent(toText(value));
    };
  });
  const [first, ...others] = parts;
  if (first !== undefined && 'text' in first) {
    // Nothing that is put in may become part of the host.
    const whole = others.length === 0 || /^\w+:\/\/[^/?#]+[/?#]/.test(first.text);
    if (!whole || !isPage(first.text)) {
      const message = `"${written}" is no page that a browser opens. Write it with its host, as in https://example.com/start.`;
      compilation.report('ASK_INVALID', pointer, message);
      return undefined;
    }
  }
  return function readAddress(scope) {
    const url = pieces.map((piece) => piece(scope)).join('');
    if (!isPage(url)) throw new Error('Its page is no address of http or https.');
    return url;
  };
}

const isPage = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
