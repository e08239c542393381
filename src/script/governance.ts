import type { CapabilityDocument } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { LANGUAGES } from './language.ts';
import type { ReportScript } from './report.ts';

/** `management.scripting` of a control expose, as the file writes it. */
export interface ScriptGovernance {
  readonly enabled?: boolean;
  readonly defaultLocation?: string;
  readonly defaultLanguage?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly statementLimit?: number;
  readonly allowedLanguages?: readonly string[];
}

/** The first `management.scripting` of a document; undefined when it has none. Wrong values are reported and left out. */
export function readGovernance(
  document: CapabilityDocument,
  report: ReportScript,
): ScriptGovernance | undefined {
  for (const [index, expose] of (document.capability?.exposes ?? []).entries()) {
    if (expose.type !== 'control') continue;
    const scripting = asObject(
      asObject((expose as { management?: unknown }).management)?.scripting,
    );
    if (scripting === undefined) continue;
    const pointer = pointerOf('/capability/exposes', index, 'management', 'scripting');
    return keepValid(scripting, pointer, report);
  }
  return undefined;
}

interface Field {
  readonly fits: (value: unknown) => boolean;
  readonly wants: string;
}

const isLanguage = (value: unknown): boolean => LANGUAGES.some((language) => language === value);
const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1;

const FIELDS: Readonly<Record<keyof ScriptGovernance, Field>> = {
  enabled: { fits: (value) => typeof value === 'boolean', wants: 'true or false' },
  defaultLocation: {
    fits: (value) => typeof value === 'string' && value !== '',
    wants: 'a folder such as file:///./scripts',
  },
  defaultLanguage: { fits: isLanguage, wants: `one of ${LANGUAGES.join(', ')}` },
  timeout: { fits: isPositive, wants: 'a whole number of milliseconds, at least 1' },
  statementLimit: { fits: isPositive, wants: 'a whole number of statements, at least 1' },
  allowedLanguages: {
    fits: (value) => Array.isArray(value) && value.every(isLanguage),
    wants: `a list of ${LANGUAGES.join(', ')}`,
  },
};

function keepValid(
  scripting: Readonly<Record<string, unknown>>,
  pointer: string,
  report: ReportScript,
): ScriptGovernance {
  const kept: Record<string, unknown> = {};
  for (const [name, { fits, wants }] of Object.entries(FIELDS)) {
    const value = scripting[name];
    if (value === undefined) continue;
    if (fits(value)) kept[name] = value;
    else report('VALUE_NOT_ALLOWED', pointerOf(pointer, name), `"${name}" has to be ${wants}.`);
  }
  return kept;
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
