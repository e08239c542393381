import { headerOf } from '../flat-headers.ts';
import type { Gathered, HeldBody } from '../plan/content.ts';
import type { Dialogue } from '../plan/dialogue.ts';
import type {
  CallStep,
  Json,
  OperationPlan,
  Scope,
  StepPlan,
  UpstreamResponse,
} from '../plan/plan.ts';

/** Holds the answers that parts are made of, beside the values of the steps. */
export interface Keeping {
  /** Whether the step's answer needs no reading: it is bytes, and they are held. */
  take(step: CallStep, response: UpstreamResponse): boolean;
  /** Whether the step's answer is held as bytes, and nothing else was made of it. */
  isBytes(step: StepPlan): boolean;
  /** Takes such an answer from an earlier round. */
  resume(step: StepPlan): void;
  /** For another round. */
  readonly held: Readonly<Record<string, HeldBody>>;
  /** What there is for parts; nothing where the operation has none. */
  gathered(): { readonly gathered?: Gathered };
}

interface OpenScope extends Scope {
  readonly steps: Record<string, Json | undefined>;
}

export function keeping(
  { keeps }: OperationPlan,
  scope: OpenScope,
  before: Dialogue['held'] = {},
): Keeping {
  const held: Record<string, HeldBody> = Object.assign(Object.create(null), before);

  /** A text a third longer than the bytes, which hardly any step after it asks for. */
  function showAsText(name: string, bytes: Buffer): void {
    const get = (): string => bytes.toString('base64');
    Object.defineProperty(scope.steps, name, { get, enumerable: false });
  }

  return {
    held,
    isBytes: (step) =>
      step.kind === 'call' && step.format === 'binary' && held[step.name] !== undefined,
    resume({ name }) {
      showAsText(name, (held[name] as HeldBody).bytes);
    },
    take(step, { headers, body }) {
      if (keeps?.includes(step.name) !== true || !Buffer.isBuffer(body)) return false;
      const mediaType = headerOf(headers, 'content-type');
      held[step.name] = mediaType === undefined ? { bytes: body } : { bytes: body, mediaType };
      if (step.format !== 'binary') return false;
      showAsText(step.name, body);
      return true;
    },
    gathered: () => (keeps === undefined ? {} : { gathered: { scope, held } }),
  };
}
