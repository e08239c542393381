import { extname } from 'node:path';
import { pointerOf } from '../document/source.ts';
import type { ScriptLanguage } from './plan.ts';
import { findPython } from './python.ts';
import type { ReportScript } from './report.ts';

/** The languages of the schema. */
export const LANGUAGES = ['javascript', 'python', 'groovy'] as const;

const ENDINGS: Readonly<Record<string, string>> = {
  '.js': 'javascript',
  '.cjs': 'javascript',
  '.mjs': 'javascript',
  '.py': 'python',
  '.groovy': 'groovy',
};

export interface LanguageChoice {
  readonly language?: string;
  readonly file: string;
}

export interface LanguageRules {
  readonly defaultLanguage?: string;
  readonly allowedLanguages?: readonly string[];
  readonly python?: string;
}

/**
 * The language of a step: what it says, else the ending of its file, else the default. undefined
 * when it cannot be served here, which is reported.
 */
export function chooseLanguage(
  step: LanguageChoice,
  pointer: string,
  rules: LanguageRules,
  report: ReportScript,
): ScriptLanguage | undefined {
  const at = step.language === undefined ? pointerOf(pointer, 'file') : `${pointer}/language`;
  const language =
    step.language ?? ENDINGS[extname(step.file).toLowerCase()] ?? rules.defaultLanguage;
  if (language === undefined) {
    const message = `Nothing says in which language "${step.file}" is written. Set language: javascript, or let the file end in .js.`;
    report('KEY_MISSING', at, message);
    return undefined;
  }
  const { allowedLanguages } = rules;
  if (allowedLanguages !== undefined && !allowedLanguages.includes(language)) {
    const message = `Scripts in ${language} are not among the allowedLanguages of management.scripting (${allowedLanguages.join(', ') || 'none'}). Add ${language} there, or write the script in another language.`;
    report('SCRIPT_NOT_ALLOWED', at, message);
    return undefined;
  }
  switch (language) {
    case 'javascript':
      return language;
    case 'python':
      if (findPython(rules.python) !== undefined) return language;
      report(
        'SCRIPT_LANGUAGE',
        at,
        'Scripts in Python need the package pyodide, which is not installed. Run "npm install pyodide" beside the gateway, or write the script in JavaScript.',
      );
      return undefined;
    case 'groovy':
      report(
        'SCRIPT_LANGUAGE',
        at,
        'Scripts in Groovy are not served: no sandbox holds them safely. Write the script in JavaScript, which gets the same context and gives the same result.',
      );
      return undefined;
    default:
      report(
        'SCRIPT_LANGUAGE',
        at,
        `"${language}" is no language of scripts; javascript is, and python with the package pyodide.`,
      );
      return undefined;
  }
}
