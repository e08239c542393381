import type { AuthContext } from '../../src/auth/field.ts';

export interface TestContext extends AuthContext {
  /** `CODE pointer: message` */
  readonly findings: string[];
}

/** Fills `{{NAME}}` from `values`; one without a value is reported as the compiler does. */
export function createContext(values: Readonly<Record<string, string>> = {}): TestContext {
  const findings: string[] = [];
  return {
    findings,
    secrets: new Set(),
    report: (code, pointer, message) => findings.push(`${code} ${pointer}: ${message}`),
    fill(text, pointer) {
      let missing = false;
      const filled = text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
        if (Object.hasOwn(values, name)) return values[name] as string;
        missing = true;
        return '';
      });
      if (missing) findings.push(`VARIABLE_MISSING ${pointer}`);
      return missing ? undefined : filled;
    },
  };
}
