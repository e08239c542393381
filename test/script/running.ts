import type { Json } from '../../src/plan/plan.ts';
import {
  DEFAULT_SCRIPT_LIMITS,
  type ScriptLimits,
  type ScriptPlan,
} from '../../src/script/plan.ts';
import {
  createScriptRunner,
  type ScriptRunner,
  type ScriptRunnerOptions,
} from '../../src/script/runner.ts';
import type { Closer } from '../support/upstream.ts';

/** A runner that ends with the test. */
export function startRunner(t: Closer, options: ScriptRunnerOptions = {}): ScriptRunner {
  const runner = createScriptRunner({ seats: 1, ...options });
  t.after(() => runner.close());
  return runner;
}

/** The plan of one JavaScript file, `filter.js`, after its dependencies. */
export function javascript(
  text: string,
  limits: Partial<ScriptLimits> = {},
  dependencies: Readonly<Record<string, string>> = {},
): ScriptPlan {
  return {
    language: 'javascript',
    sources: [
      ...Object.entries(dependencies).map(([name, source]) => ({ name, text: source })),
      { name: 'filter.js', text },
    ],
    limits: { ...DEFAULT_SCRIPT_LIMITS, ...limits },
  };
}

/** The failure of a run, as plain data. */
export async function failureOf(
  run: Promise<Json | undefined>,
): Promise<{ code: string; message: string; cause: string }> {
  const failed = await run.then(
    (value) => new Error(`no failure but ${JSON.stringify(value)}`),
    (error: Error & { code?: string }) => error,
  );
  const { code = '', message, cause } = failed as Error & { code?: string };
  return { code, message, cause: cause instanceof Error ? cause.message : String(cause ?? '') };
}
