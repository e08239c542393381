import type { ExposesMcp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ToolPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { lintSchema } from './lint-schema.ts';
import { isProtocolName, NAME_LIMIT } from './tool-name.ts';

/** With the prefix that clients put before it, a longer name comes near what they take. */
const NAME_NEAR = 40;
/** What every client and model API takes, without any respelling. */
const NAME_EVERYWHERE = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const COUNT_NEAR = 40;
const COUNT_LIMIT = 128;
const DESCRIPTION_NEAR = 1_000;
const DESCRIPTION_LIMIT = 2_000;
const INSTRUCTIONS_LIMIT = 2_048;
const NAMES_TOLD = 3;

/** Reports what some MCP clients refuse, cut, or make little of, though the gateway serves it. */
export function lintMcp(
  compilation: Compilation,
  expose: ExposesMcp,
  pointer: string,
  tools: readonly ToolPlan[],
): void {
  const written = expose.tools ?? [];
  lintCount(compilation, pointer, tools.length);
  lintInstructions(compilation, expose, pointer);
  const unlabelled: string[] = [];
  const unhinted: string[] = [];
  for (const tool of tools) {
    const name = tool.published ?? tool.definition.name;
    const index = written.findIndex((each) => each.name === name);
    const here = pointerOf(pointer, 'tools', index);
    lintName(compilation, tool.definition.name, pointerOf(here, 'name'));
    const isOwn = written[index]?.description !== undefined;
    lintDescription(compilation, tool, isOwn ? pointerOf(here, 'description') : here);
    const ownSchema = 'inputSchema' in (written[index] ?? {});
    const schemaPointer = ownSchema ? pointerOf(here, 'inputSchema') : here;
    lintSchema(compilation, tool.definition, schemaPointer);
    if (tool.definition.title === undefined) unlabelled.push(name);
    if (written[index]?.hints === undefined && written[index]?.ref === undefined)
      unhinted.push(name);
  }
  const all = pointerOf(pointer, 'tools');
  if (unlabelled.length > 0) {
    compilation.report(
      'TOOL_LABEL_MISSING',
      all,
      `${listed(unlabelled, tools.length)} no label, so people see the name. Directories of clients ask for a title of each tool: give a "label".`,
    );
  }
  if (unhinted.length > 0) {
    compilation.report(
      'TOOL_HINTS_MISSING',
      all,
      `${listed(unhinted, tools.length)} no hints, so clients are told what follows from the HTTP methods. Give "hints" where a POST only reads, or a GET changes something.`,
    );
  }
}

function lintCount(compilation: Compilation, pointer: string, count: number): void {
  if (count <= COUNT_NEAR) return;
  const isOver = count > COUNT_LIMIT;
  const why = isOver
    ? `several clients take ${COUNT_LIMIT} at most and leave the others out`
    : `agents choose worse among more than ${COUNT_NEAR}, and each costs a part of their context`;
  compilation.report(
    'TOOL_COUNT_HIGH',
    pointerOf(pointer, 'tools'),
    `There are ${count} tools; ${why}. Spread them over several exposes, each with a namespace of its own.`,
    { severity: isOver ? 'warning' : 'info' },
  );
}

function lintInstructions(compilation: Compilation, expose: ExposesMcp, pointer: string): void {
  const own = expose.description;
  const text = own ?? compilation.document.info?.description ?? '';
  if (text.length <= INSTRUCTIONS_LIMIT) return;
  compilation.report(
    'INSTRUCTIONS_LONG',
    own === undefined ? '/info/description' : pointerOf(pointer, 'description'),
    `The description has ${text.length} characters and becomes the instructions of the MCP server, which clients cut at ${INSTRUCTIONS_LIMIT}. Put first what an agent must know, and shorten the rest.`,
  );
}

function lintName(compilation: Compilation, name: string, pointer: string): void {
  if (name.length > NAME_NEAR && name.length <= NAME_LIMIT) {
    compilation.report(
      'TOOL_NAME_LONG',
      pointer,
      `"${name}" has ${name.length} characters; clients put the name of the server before it and take ${NAME_LIMIT} in all. Up to ${NAME_NEAR} are safe.`,
      { severity: 'info' },
    );
  }
  // What the protocol does not know either is told in any case.
  if (!NAME_EVERYWHERE.test(name) && isProtocolName(name)) {
    const what = /^[0-9-]/.test(name) ? 'begins with no letter' : 'has other characters';
    compilation.report(
      'TOOL_NAME_ALPHABET',
      pointer,
      `"${name}" ${what}; every client takes letters, digits, "_" and "-" after a letter or "_", and some refuse more. --tool-names snake serves it in such letters.`,
    );
  }
}

function lintDescription(compilation: Compilation, tool: ToolPlan, pointer: string): void {
  const { name, description = '' } = tool.definition;
  if (description.trim() === '') {
    compilation.report(
      'TOOL_DESCRIPTION_MISSING',
      pointer,
      `The tool "${name}" has no description, and agents choose by it. Say what it does and when to use it.`,
    );
  } else if (description.length > DESCRIPTION_NEAR) {
    const isOver = description.length > DESCRIPTION_LIMIT;
    compilation.report(
      'TOOL_DESCRIPTION_LONG',
      pointer,
      `The description of the tool "${name}" has ${description.length} characters; ${
        isOver
          ? 'clients cut it at about 2,000'
          : `more than ${DESCRIPTION_NEAR} cost a part of every conversation`
      }. Put first what an agent chooses by, and shorten the rest.`,
      { severity: isOver ? 'warning' : 'info' },
    );
  }
}

/** `3 of 9 tools ("a", "b", "c") have`, or `The tool "a" has`. */
function listed(names: readonly string[], all: number): string {
  if (names.length === 1 && all === 1) return `The tool "${names[0]}" has`;
  const told = names.slice(0, NAMES_TOLD).map((name) => `"${name}"`);
  const more = names.length > NAMES_TOLD ? ', …' : '';
  return `${names.length} of ${all} tools (${told.join(', ')}${more}) have`;
}
