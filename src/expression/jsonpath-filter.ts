import type { jsonpath } from 'json-p3';
import type { Json } from '../plan/plan.ts';
import { compileIRegexp, type Matcher } from './iregexp.ts';
import { rfcLibrary } from './jsonpath-library.ts';
import {
  type CompileFilter,
  compileFind,
  compileStep,
  type Evaluation,
  type Find,
  isSingular,
  type Test,
  toSegments,
} from './jsonpath-query.ts';
import { type Comparable, isEqual, isLess, lengthOf } from './jsonpath-value.ts';

type Read = (value: Json, evaluation: Evaluation) => Comparable;
type Expression = jsonpath.expressions.FilterExpression;
type Infix = jsonpath.expressions.InfixExpression;
type FunctionCall = jsonpath.expressions.FunctionExtension;

/**
 * Compiles what stands behind `?`. `strict` keeps to the letter of RFC 9535, where a pattern that is no
 * I-Regexp matches nothing; otherwise such a pattern throws.
 */
export const filterCompiler =
  (strict: boolean): CompileFilter =>
  (expression) =>
    compileFilter(expression, strict);

function compileFilter(expression: Expression, strict: boolean): Test {
  const { FilterQuery, FunctionExtension, InfixExpression, LogicalExpression, PrefixExpression } =
    expressions();
  if (expression instanceof LogicalExpression) return compileFilter(expression.expression, strict);
  if (expression instanceof PrefixExpression) {
    const test = compileFilter(expression.right, strict);
    return (value, evaluation) => !test(value, evaluation);
  }
  if (expression instanceof InfixExpression) {
    return expression.logical
      ? compileLogical(expression, strict)
      : compileComparison(expression, strict);
  }
  if (expression instanceof FilterQuery) {
    const find = compileQuery(expression, strict);
    return (value, evaluation) => find(value, evaluation).length > 0;
  }
  if (expression instanceof FunctionExtension) return compileMatch(expression, strict);
  throw new SyntaxError(`"${expression.toString()}" has to be compared with something`);
}

const expressions = () => rfcLibrary().jsonpath.expressions;

function compileLogical(expression: Infix, strict: boolean): Test {
  const left = compileFilter(expression.left, strict);
  const right = compileFilter(expression.right, strict);
  return expression.operator === '&&'
    ? (value, evaluation) => left(value, evaluation) && right(value, evaluation)
    : (value, evaluation) => left(value, evaluation) || right(value, evaluation);
}

function compileComparison(expression: Infix, strict: boolean): Test {
  const left = compileComparable(expression.left, strict);
  const right = compileComparable(expression.right, strict);
  const compare = COMPARISONS[expression.operator];
  if (compare === undefined) {
    throw new SyntaxError(`"${expression.operator}" is no operator of RFC 9535`);
  }
  return (value, evaluation) => compare(left(value, evaluation), right(value, evaluation));
}

type Compare = (left: Comparable, right: Comparable) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': isLess,
  '>': (left, right) => isLess(right, left),
  '<=': (left, right) => isLess(left, right) || isEqual(left, right),
  '>=': (left, right) => isLess(right, left) || isEqual(left, right),
};

function compileComparable(expression: Expression, strict: boolean): Read {
  const {
    BooleanLiteral,
    FilterQuery,
    FunctionExtension,
    NullLiteral,
    NumberLiteral,
    RootQuery,
    StringLiteral,
  } = expressions();
  if (
    expression instanceof StringLiteral ||
    expression instanceof NumberLiteral ||
    expression instanceof BooleanLiteral
  ) {
    const { value } = expression;
    return () => value;
  }
  if (expression instanceof NullLiteral) return () => null;
  if (expression instanceof FilterQuery) {
    const segments = toSegments(expression.path, filterCompiler(strict));
    if (!isSingular(segments)) {
      throw new SyntaxError(
        `"${expression.toString()}" may select several values and cannot be compared`,
      );
    }
    const step = compileStep(segments);
    return expression instanceof RootQuery
      ? (_, evaluation) => step(evaluation.root)
      : (value) => step(value);
  }
  if (expression instanceof FunctionExtension) return compileFunction(expression, strict);
  throw new SyntaxError(`"${expression.toString()}" cannot be compared`);
}

function compileFunction(expression: FunctionCall, strict: boolean): Read {
  const { FilterQuery } = expressions();
  const [argument] = expression.args;
  if (argument !== undefined && expression.name === 'length') {
    const read = compileComparable(argument, strict);
    return (value, evaluation) => lengthOf(read(value, evaluation));
  }
  if (argument instanceof FilterQuery) {
    const find = compileQuery(argument, strict);
    if (expression.name === 'count') return (value, evaluation) => find(value, evaluation).length;
    if (expression.name === 'value') {
      return function readOnly(value, evaluation) {
        const found = find(value, evaluation);
        return found.length === 1 ? found[0] : undefined;
      };
    }
  }
  throw new SyntaxError(`"${expression.toString()}" gives no value to compare`);
}

function compileQuery(expression: jsonpath.expressions.FilterQuery, strict: boolean): Find {
  const { RootQuery } = expressions();
  const find = compileFind(toSegments(expression.path, filterCompiler(strict)));
  return expression instanceof RootQuery
    ? (_, evaluation) => find(evaluation.root, evaluation)
    : find;
}

function compileMatch(expression: FunctionCall, strict: boolean): Test {
  const [subject, pattern] = expression.args;
  const whole = expression.name === 'match';
  if (subject === undefined || pattern === undefined || !(whole || expression.name === 'search')) {
    throw new SyntaxError(`"${expression.toString()}" has to be compared with something`);
  }
  const readSubject = compileComparable(subject, strict);
  const matcherOf = compilePattern(pattern, strict);
  return function matches(value, evaluation) {
    const text = readSubject(value, evaluation);
    if (typeof text !== 'string') return false;
    return matcherOf(value, evaluation)?.(text, whole, evaluation.spend) ?? false;
  };
}

type MatcherOf = (value: Json, evaluation: Evaluation) => Matcher | undefined;

function compilePattern(pattern: Expression, strict: boolean): MatcherOf {
  const { StringLiteral } = expressions();
  const read = compileComparable(pattern, strict);
  if (!(pattern instanceof StringLiteral)) {
    return function matcherOfValue(value, evaluation) {
      const text = read(value, evaluation);
      if (typeof text !== 'string') return undefined;
      evaluation.spend(text.length);
      return compileIRegexp(text);
    };
  }
  const matcher = compileIRegexp(pattern.value);
  if (matcher === undefined && !strict) {
    throw new SyntaxError(
      `the pattern ${pattern.toString()} is no I-Regexp (RFC 9485), so it would match nothing`,
    );
  }
  return () => matcher;
}
