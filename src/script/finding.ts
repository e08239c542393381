/** What loading a script can find, beside codes that other rooms have: rows for the table of findings. */
export const SCRIPT_FINDINGS = {
  SCRIPT_NOT_ALLOWED: { severity: 'error', title: 'A script may not run' },
  SCRIPT_UNREADABLE: { severity: 'error', title: 'A file of a script cannot be read' },
  SCRIPT_OUTSIDE: { severity: 'error', title: 'A file of a script lies outside its folder' },
  SCRIPT_INVALID: { severity: 'error', title: 'A script has a syntax error' },
  SCRIPT_LANGUAGE: { severity: 'error', title: 'A script is in a language that is not served' },
} as const satisfies Record<string, { severity: 'error'; title: string }>;

export type ScriptFindingCode = keyof typeof SCRIPT_FINDINGS | 'KEY_MISSING' | 'VALUE_NOT_ALLOWED';

export type ReportScript = (code: ScriptFindingCode, pointer: string, message: string) => void;
