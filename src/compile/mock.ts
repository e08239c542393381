import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { outputJsonSchema } from '../format/output-schema.ts';
import type { Ran } from './aggregates.ts';
import type { Compilation } from './compilation.ts';
import { gatherInputs } from './gather.ts';
import type { CompiledOperation } from './operation.ts';
import { compileOutputs, giveNothing, shaped } from './output-values.ts';
import { stepReferences } from './step-references.ts';

/** An operation that calls nothing: it answers the values of its outputs, made of its inputs. */
export function compileMock(compilation: Compilation, ran: Ran): CompiledOperation | undefined {
  const { side, outputs, description } = ran;
  const { outputParameters = [] } = outputs;
  if (outputParameters.length === 0) {
    compilation.report(
      'KEY_MISSING',
      side.pointer,
      'This says neither what is called (call, steps or ref) nor what is answered without a call (outputParameters with values). Add one of them.',
    );
    return undefined;
  }
  if (!outputParameters.some(hasValue)) {
    compilation.report(
      'KEY_MISSING',
      pointerOf(outputs.pointer, 'outputParameters'),
      'Without a call the answer is made of the values of these outputs, and none has one, so all are null. Add a call, or a value to each.',
      { severity: 'warning', at: 'key' },
    );
  }
  const gathering = gatherInputs(compilation, ran);
  const references = stepReferences(compilation, side, gathering, [], 0);
  const shape = compileOutputs(
    compilation,
    outputParameters,
    pointerOf(outputs.pointer, 'outputParameters'),
    (written, pointer) => references.value(written, pointer),
    { mock: true },
  );
  return {
    plan: {
      id: side.exposed.name ?? 'mock',
      inputs: gathering.finish(),
      steps: [],
      answer: { ...shaped(giveNothing, shape), status: 200 },
    },
    target: undefined,
    methods: [],
    description,
    outputSchema: outputJsonSchema(outputParameters, { mock: true }),
  };
}

/** Whether an output, or one inside it, says a value. */
function hasValue(parameter: OutputParameter): boolean {
  const { value, const: constant, items, properties, values, mapping } = parameter;
  if (value !== undefined || constant !== undefined) return true;
  const inner = [items, values, ...membersOf(properties), ...membersOf(mapping)].flat();
  return inner.some((each) => typeof each === 'object' && each !== null && hasValue(each));
}

const membersOf = (members: unknown): unknown[] =>
  typeof members === 'object' && members !== null ? Object.values(members) : [];
