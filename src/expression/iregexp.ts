/** Says whether a text is matched: as a whole, or somewhere in it. `spend` is told the work done. */
export type Matcher = (text: string, whole: boolean, spend: (work: number) => void) => boolean;

type Accepts = (codePoint: number) => boolean;

type Node =
  | { readonly kind: 'one'; readonly accepts: Accepts }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

type Instruction =
  | { readonly op: 'one'; readonly accepts: Accepts }
  | { readonly op: 'start' | 'end' | 'found' }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; first: number };

const LARGEST_PROGRAM = 2000;
const DEEPEST_GROUP = 50;

/**
 * Compiles an I-Regexp (RFC 9485), `^` and `$` being anchors as in the compliance suite of RFC 9535.
 * Runs in time linear in the text: patterns and texts of an upstream's answer cannot stall a request,
 * which the engine of the language cannot promise.
 * @returns undefined when the pattern is no I-Regexp, or larger than a pattern needs to be
 */
export function compileIRegexp(pattern: string): Matcher | undefined {
  const node = parse(pattern);
  if (node === undefined) return undefined;
  const program: Instruction[] = [];
  if (!emit(node, program)) return undefined;
  program.push({ op: 'found' });
  return (text, whole, spend) => run(program, text, whole, spend);
}

function parse(pattern: string): Node | undefined {
  const points = Array.from(pattern);
  let at = 0;
  const take = (wanted: string): boolean => {
    if (points[at] !== wanted) return false;
    at += 1;
    return true;
  };

  function choice(depth: number): Node | undefined {
    if (depth > DEEPEST_GROUP) return undefined;
    const parts: Node[] = [];
    do {
      const part = sequence(depth);
      if (part === undefined) return undefined;
      parts.push(part);
    } while (take('|'));
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  function sequence(depth: number): Node | undefined {
    const parts: Node[] = [];
    while (at < points.length && points[at] !== '|' && points[at] !== ')') {
      const part = piece(depth);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { kind: 'sequence', parts };
  }

  function piece(depth: number): Node | undefined {
    const part = atom(depth);
    if (part === undefined) return undefined;
    if (take('*')) return { kind: 'repeat', part, min: 0, max: Number.POSITIVE_INFINITY };
    if (take('+')) return { kind: 'repeat', part, min: 1, max: Number.POSITIVE_INFINITY };
    if (take('?')) return { kind: 'repeat', part, min: 0, max: 1 };
    if (!take('{')) return part;
    const range = /^(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(points.slice(at, at + 16).join(''));
    if (range === null) return undefined;
    at += range[0].length;
    const min = Number(range[1]);
    const open = range[3] === undefined ? Number.POSITIVE_INFINITY : Number(range[3]);
    const max = range[2] === undefined ? min : open;
    return max < min ? undefined : { kind: 'repeat', part, min, max };
  }

  function atom(depth: number): Node | undefined {
    const point = points[at] as string;
    at += 1;
    if (point === '(') {
      const inner = choice(depth + 1);
      return inner !== undefined && take(')') ? inner : undefined;
    }
    if (point === '^') return { kind: 'start' };
    if (point === '$') return { kind: 'end' };
    if (point === '.') return { kind: 'one', accepts: (code) => code !== 10 && code !== 13 };
    const accepts = point === '[' ? charClass() : point === '\\' ? readEscape() : literal(point);
    return accepts === undefined ? undefined : { kind: 'one', accepts };
  }

  function readEscape(): Accepts | undefined {
    const point = points[at];
    if (point !== 'p' && point !== 'P') {
      const code = escapedCode();
      return code === undefined ? undefined : (other) => other === code;
    }
    const property = /^[pP]\{([A-Z][a-z]?)\}/.exec(points.slice(at, at + 5).join(''));
    if (property === null || !CATEGORIES.has(property[1] as string)) return undefined;
    at += property[0].length;
    const test = new RegExp(`^\\${point}{${property[1]}}$`, 'u');
    return (code) => test.test(String.fromCodePoint(code));
  }

  function escapedCode(): number | undefined {
    const point = points[at];
    if (point === undefined || !'()*+-.?[\\]^nrt{|}$'.includes(point)) return undefined;
    at += 1;
    return (CONTROLS[point] ?? point).codePointAt(0) as number;
  }

  function charClass(): Accepts | undefined {
    const negated = take('^');
    const tests: Accepts[] = [];
    if (take('-')) tests.push((code) => code === HYPHEN);
    while (!take(']')) {
      const test = at < points.length ? classMember(tests.length > 0) : undefined;
      if (test === undefined) return undefined;
      tests.push(test);
    }
    if (tests.length === 0) return undefined;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  function classMember(mayEnd: boolean): Accepts | undefined {
    if (points[at] === '-') {
      at += 1;
      return mayEnd && points[at] === ']' ? (code) => code === HYPHEN : undefined;
    }
    if (points[at] === '\\' && /[pP]/.test(points[at + 1] ?? '')) {
      at += 1;
      return readEscape();
    }
    const first = classCode();
    if (first === undefined || points[at] !== '-' || points[at + 1] === ']') {
      return first === undefined ? undefined : (code) => code === first;
    }
    at += 1;
    const last = classCode();
    if (last === undefined || last < first) return undefined;
    return (code) => code >= first && code <= last;
  }

  function classCode(): number | undefined {
    const point = points[at];
    if (point === undefined || point === '[' || point === ']' || point === '-') return undefined;
    at += 1;
    return point === '\\' ? escapedCode() : point.codePointAt(0);
  }

  const node = choice(0);
  return at === points.length ? node : undefined;
}

function literal(point: string): Accepts | undefined {
  if ('*+?{}])|'.includes(point)) return undefined;
  const code = point.codePointAt(0);
  return (other) => other === code;
}

const HYPHEN = 45;
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const CATEGORIES: ReadonlySet<string> = new Set(
  (
    'L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps Z Zl Zp Zs S Sc Sk Sm So ' +
    'C Cc Cf Cn Co'
  ).split(' '),
);

/** Appends the instructions of a node; false when there are too many. */
function emit(node: Node, program: Instruction[]): boolean {
  if (program.length > LARGEST_PROGRAM) return false;
  switch (node.kind) {
    case 'one':
      program.push({ op: 'one', accepts: node.accepts });
      return true;
    case 'start':
    case 'end':
      program.push({ op: node.kind });
      return true;
    case 'sequence':
      return node.parts.every((part) => emit(part, program));
    case 'choice':
      return emitChoice(node.parts, program);
    case 'repeat':
      return emitRepeat(node.part, node.min, node.max, program);
  }
}

function emitChoice(parts: readonly Node[], program: Instruction[]): boolean {
  const jumps: { first: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    if (index < parts.length - 1) program.push(split);
    if (!emit(part, program)) return false;
    if (index === parts.length - 1) continue;
    const jump = { op: 'jump' as const, first: 0 };
    program.push(jump);
    jumps.push(jump);
    split.second = program.length;
  }
  for (const jump of jumps) jump.first = program.length;
  return true;
}

function emitRepeat(part: Node, min: number, max: number, program: Instruction[]): boolean {
  for (let count = 0; count < min; count += 1) {
    if (!emit(part, program)) return false;
  }
  if (max === Number.POSITIVE_INFINITY) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    program.push(split);
    if (!emit(part, program)) return false;
    program.push({ op: 'jump', first: program.indexOf(split) });
    split.second = program.length;
    return true;
  }
  const splits: { second: number }[] = [];
  for (let count = min; count < max; count += 1) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    program.push(split);
    splits.push(split);
    if (!emit(part, program)) return false;
  }
  for (const split of splits) split.second = program.length;
  return true;
}

/** Follows all readings of the pattern at once, one code point after another. */
function run(
  program: readonly Instruction[],
  text: string,
  whole: boolean,
  spend: (work: number) => void,
): boolean {
  const seen = new Int32Array(program.length).fill(-1);
  let current: number[] = [];
  let found = false;

  function enter(state: number, position: number, list: number[]): void {
    const pending = [state];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen[at] === position) continue;
      seen[at] = position;
      const step = program[at] as Instruction;
      if (step.op === 'split') pending.push(step.second, step.first);
      else if (step.op === 'jump') pending.push(step.first);
      else if (step.op === 'start') position === 0 && pending.push(at + 1);
      else if (step.op === 'end') position === text.length && pending.push(at + 1);
      else if (step.op === 'found') found ||= !whole || position === text.length;
      else list.push(at);
    }
  }

  enter(0, 0, current);
  for (let position = 0; position < text.length && !found; ) {
    spend(current.length + 1);
    const code = text.codePointAt(position) as number;
    position += code > 0xffff ? 2 : 1;
    const next: number[] = [];
    for (const state of current) {
      const step = program[state] as Instruction;
      if (step.op === 'one' && step.accepts(code)) enter(state + 1, position, next);
    }
    if (!whole) enter(0, position, next);
    if (next.length === 0 && whole) break;
    current = next;
  }
  return found;
}
