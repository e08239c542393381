import type { ParameterShape } from '../document/document.ts';
import { isRecord } from '../json.ts';
import type { InputPlan, InputType } from '../plan/plan.ts';
import { nestedTypeOf } from './input-type.ts';

export type Accept = InputPlan['accept'];
export type RefuseValue = (why: string) => void;

/** Wrong items of one list that are told; the rest would only make the answer long. */
const TOLD = 10;

/** Coerces text to a type: a REST query, or an agent that quotes its numbers; refuses what does not fit. */
export function coercerOf(type: InputType, shape: ParameterShape): Accept {
  switch (type) {
    case 'integer':
      return acceptInteger;
    case 'number':
      return acceptNumber;
    case 'boolean':
      return acceptBoolean;
    case 'array':
      return acceptArrayOf(shape.items);
    case 'object':
      return acceptObject;
    case 'any':
      return (value) => value;
    default:
      return acceptString;
  }
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Digits that a JavaScript number holds unchanged, whatever they are. */
const EXACT_DIGITS = 15;

function acceptInteger(value: unknown, refuse: RefuseValue): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  const text = typeof value === 'string' ? value.trim() : '';
  const number = Number(text);
  // What a number is written as is that number, whichever face it comes through.
  if (text !== '' && Number.isInteger(number) && String(number) === text) return number;
  // Other digits beyond 2^53 travel as the text they came in: a number would change them.
  if (INTEGER.test(text)) return Number.isSafeInteger(number) ? number : text;
  refuse(`must be an integer, not ${show(value)}`);
  return undefined;
}

function acceptNumber(value: unknown, refuse: RefuseValue): unknown {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const text = typeof value === 'string' ? value.trim() : '';
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return isExact(text, number) ? number : text;
  refuse(`must be a number, not ${show(value)}`);
  return undefined;
}

function isExact(text: string, number: number): boolean {
  if (String(number) === text) return true;
  const [digits = ''] = text.replace(/[+.-]/g, '').split(/e/i);
  return digits.length <= EXACT_DIGITS && (number !== 0 || /^0*$/.test(digits));
}

function acceptBoolean(value: unknown, refuse: RefuseValue): unknown {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  refuse(`must be true or false, not ${show(value)}`);
  return undefined;
}

function acceptString(value: unknown, refuse: RefuseValue): unknown {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  refuse(`must be text, not ${show(value)}`);
  return undefined;
}

function acceptArrayOf(items: ParameterShape | undefined): Accept {
  const type = items === undefined ? 'any' : nestedTypeOf(items);
  const isScalar = type !== 'any' && type !== 'array' && type !== 'object';
  const acceptItem = isScalar ? coercerOf(type, items ?? {}) : undefined;
  return function acceptArray(value, refuse) {
    const list = Array.isArray(value) ? (value as unknown[]) : listFromText(value);
    if (list === undefined) {
      refuse(`must be a list, not ${show(value)}`);
      return undefined;
    }
    if (acceptItem === undefined) return list;
    const accepted: unknown[] = [];
    let wrong = 0;
    for (let index = 0; index < list.length && wrong < TOLD; index++) {
      const item = acceptItem(list[index], (why) => {
        wrong += 1;
        refuse(`at /${index} ${why}`);
      });
      accepted.push(item);
    }
    return accepted;
  };
}

/** A list given as text: JSON text of an array, else a list of that one text. */
function listFromText(value: unknown): unknown[] | undefined {
  if (typeof value === 'string') {
    const parsed = value.trimStart().startsWith('[') ? tryJson(value) : undefined;
    return Array.isArray(parsed) ? parsed : [value];
  }
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : undefined;
}

function acceptObject(value: unknown, refuse: RefuseValue): unknown {
  const parsed = typeof value === 'string' ? tryJson(value) : value;
  if (isRecord(parsed)) return parsed;
  refuse(`must be an object, not ${show(value)}`);
  return undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as a message may show it: short, and only its kind when it is large. */
export function show(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > 60 ? `${JSON.stringify(value.slice(0, 57))}…` : JSON.stringify(value);
}
