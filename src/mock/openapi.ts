import { listViolations } from '../errors.ts';
import type { Body } from './body.ts';
import { bodySchemaOf, createBodyChecks } from './openapi-body.ts';
import { readDocument } from './openapi-document.ts';
import { indexPaths } from './openapi-paths.ts';
import { prepareResponse } from './openapi-response.ts';
import type { MockOperation } from './operation.ts';
import type { MockAnswer, Refusal } from './problem.ts';

export interface OpenApi {
  /**
   * The document's answer to an operation; `plain` when it does not know the operation, and with
   * the document's status when it says nothing of the body.
   */
  answer(operation: MockOperation, plain: MockAnswer): MockAnswer;
  /** Checks a JSON body against the document's schema; one that cannot be compiled checks nothing. */
  check(operation: MockOperation, body: Body): Refusal | undefined;
}

/**
 * Loads a document that answers come from. `baseUri` is the block's declared one, whose path may
 * stand before the operation's in the document. Throws MockError.
 */
export async function loadOpenApi(file: string, baseUri: string): Promise<OpenApi> {
  const document = await readDocument(file);
  const [{ sample }, compile] = await Promise.all([
    import('openapi-sampler'),
    createBodyChecks(document),
  ]);
  const find = remember(indexPaths(document, baseUri));
  const responses = remember((operation) => {
    const found = find(operation);
    return found && prepareResponse(document, found.operation, sample);
  });
  const checks = remember((operation) => {
    const found = find(operation);
    return found && compile(bodySchemaOf(document, found));
  });
  return {
    answer(operation, plain) {
      const response = responses(operation);
      if (response === undefined) return plain;
      return response.known ? response.answer : { ...plain, status: response.status };
    },
    check(operation, body) {
      if (body.kind !== 'json') return undefined;
      const violations = checks(operation)?.(body.value) ?? [];
      if (violations.length === 0) return undefined;
      return {
        code: 'INPUT_INVALID',
        detail: `The body of ${operation.target} is not what the OpenAPI document describes: ${listViolations(violations)}`,
        violations,
      };
    },
  };
}

function remember<T>(make: (operation: MockOperation) => T): (operation: MockOperation) => T {
  const made = new Map<MockOperation, T>();
  return (operation) => {
    if (!made.has(operation)) made.set(operation, make(operation));
    return made.get(operation) as T;
  };
}
