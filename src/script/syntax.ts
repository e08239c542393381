import type { QuickJSWASMModule } from 'quickjs-emscripten';
import type { ScriptSource } from './plan.ts';

export interface SyntaxFlaw {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

let opening: Promise<QuickJSWASMModule> | undefined;

/** The first syntax error of a JavaScript text, judged by the engine that will run it; nothing is run. */
export async function findSyntaxError({
  name,
  text,
}: ScriptSource): Promise<SyntaxFlaw | undefined> {
  opening ??= import('quickjs-emscripten').then(({ newQuickJSWASMModule }) =>
    newQuickJSWASMModule(),
  );
  const context = (await opening).newContext();
  try {
    const result = context.evalCode(text, name, { type: 'global', compileOnly: true });
    if (result.error === undefined) {
      result.value.dispose();
      return undefined;
    }
    const error = context.dump(result.error) as { message?: string; lineNumber?: number };
    result.error.dispose();
    return { line: error.lineNumber ?? 1, message: error.message ?? 'no script' };
  } catch (error) {
    // The parser ran out of stack, which breaks its engine.
    opening = undefined;
    return { line: 1, message: `it cannot be read (${(error as Error).message})` };
  } finally {
    if (opening !== undefined) context.dispose();
  }
}
