import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import { readJson } from '../format/json.ts';
import { isRecord } from '../json.ts';
import type { CallStep, Json } from '../plan/plan.ts';
import { compileMeta } from './answer-meta.ts';
import { compileCache, withCache } from './cache.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { answerReader, formatOf } from './formats.ts';
import { withPatience } from './long-poll.ts';
import { compileOutputs } from './output-values.ts';
import { compileRequest } from './request.ts';
import { compileStream } from './stream.ts';
import { BINDS_ONLY, compileText } from './text.ts';

/**
 * A call of a consumed operation whose parameters get what `feeds` says.
 * @param caller what calls it, where that may say that answers are kept
 * @param isRead false when its answer is handed on unread, so that its format need not be readable
 */
export function compileCall(
  compilation: Compilation,
  target: ConsumedTarget,
  name: string,
  feeds: ReadonlyMap<string, Value>,
  caller?: Pick<ExposedSide, 'exposed' | 'pointer'>,
  isRead = true,
): CallStep {
  const format = formatOf(target.operation);
  const build = compileRequest(compilation, target, feeds, format);
  const meta = isRead ? compileMeta(compilation, target) : undefined;
  const stream = compileStream(compilation, target);
  const cache = compileCache(compilation, target, caller);
  return {
    kind: 'call',
    name,
    target: target.id,
    method: target.method,
    pathTemplate: target.resource.path,
    baseUri: target.block.base.text,
    redirects: target.block.redirects,
    setCookie: target.block.consumes.forwardSetCookie === true,
    format,
    ...(stream === undefined ? {} : { stream }),
    ...(isRead ? answerReader(compilation, target) : { read: readJson }),
    build: withCache(cache, withPatience(compilation, target, feeds, build)),
    ...(cache === undefined ? {} : { cache }),
    ...(meta === undefined ? {} : { meta }),
  };
}

/**
 * What the consumed operation declares of its answer joins it: named outputs are added to an object,
 * and to each element of a list. undefined when it declares none.
 */
export function compileAugment(
  compilation: Compilation,
  { operation, pointer }: ConsumedTarget,
): CallStep['augment'] {
  const outputs = (operation.outputParameters ?? []).filter(isNamed);
  if (outputs.length === 0) return undefined;
  const shape = compileOutputs(
    compilation,
    outputs,
    pointerOf(pointer, 'outputParameters'),
    (written, at) =>
      typeof written === 'string'
        ? compileText(compilation, written, at, BINDS_ONLY)
        : { constant: written },
  );
  const join: NonNullable<CallStep['augment']> = (value, scope) => {
    if (!isRecord(value)) return value;
    const added = shape(value, scope);
    return isRecord(added) ? { ...value, ...added } : value;
  };
  return (answer, scope) =>
    Array.isArray(answer)
      ? answer.map((element) => join(element as Json, scope))
      : join(answer, scope);
}

const isNamed = ({ name }: OutputParameter): boolean => name !== undefined && name !== '';
