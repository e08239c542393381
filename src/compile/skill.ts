import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_METHOD, type ExposesMcp, type ExposesRest } from '../document/document.ts';
import type { ExposesSkill, Skill, SkillTool } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { isServedName } from '../files/folder.ts';
import type { Json, SkillDefinition, SkillPlan, SkillTarget, SkillToolPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { locateFolder } from './location.ts';
import { splitVariables } from './path.ts';
import { assignToolNames } from './tool-name.ts';

export function compileSkill(
  compilation: Compilation,
  expose: ExposesSkill,
  pointer: string,
): SkillPlan {
  const skills: SkillDefinition[] = [];
  const seen = new Map<string, string>();
  for (const [index, skill] of (expose.skills ?? []).entries()) {
    const here = pointerOf(pointer, 'skills', index);
    const first = seen.get(skill.name);
    if (first !== undefined) {
      const { line } = compilation.source.position(first);
      compilation.report(
        'SKILL_INVALID',
        pointerOf(here, 'name'),
        `The skill "${skill.name}" stands on line ${line} already, and callers ask for skills by name. Give this one another.`,
      );
      continue;
    }
    seen.set(skill.name, here);
    skills.push(compileOne(compilation, skill, here));
  }
  return {
    face: 'skill',
    namespace: expose.namespace ?? 'skill',
    ...(expose.address === undefined ? {} : { address: expose.address }),
    port: expose.port as number,
    ...(expose.description === undefined ? {} : { description: expose.description }),
    skills,
  };
}

/** Keys of the skill that are handed on as they are, in this order. */
const FRONTMATTER = [
  'license',
  'compatibility',
  'argument-hint',
  'allowed-tools',
  'user-invocable',
  'disable-model-invocation',
  'metadata',
] as const;

function compileOne(compilation: Compilation, skill: Skill, pointer: string): SkillDefinition {
  const folder =
    skill.location === undefined
      ? undefined
      : locateFolder(compilation, skill.location, pointerOf(pointer, 'location'));
  const tools = (skill.tools ?? []).flatMap((tool, index) => {
    const here = pointerOf(pointer, 'tools', index);
    const plan = compileSkillTool(compilation, skill, tool, folder, here);
    return plan === undefined ? [] : [plan];
  });
  const given = FRONTMATTER.filter((key) => skill[key] !== undefined);
  return {
    name: skill.name,
    ...(skill.description === undefined ? {} : { description: skill.description }),
    frontmatter: Object.fromEntries(given.map((key) => [key, skill[key] as Json])),
    ...(folder === undefined ? {} : { folder }),
    tools,
  };
}

function compileSkillTool(
  compilation: Compilation,
  skill: Skill,
  tool: SkillTool,
  folder: string | undefined,
  pointer: string,
): SkillToolPlan | undefined {
  const { name, description, from, instruction } = tool;
  if ((from === undefined) === (instruction === undefined)) {
    compilation.report(
      'SKILL_INVALID',
      pointer,
      `The tool "${name}" has ${from === undefined ? 'neither "from" nor "instruction"' : 'both "from" and "instruction"'}. Give it one of the two.`,
    );
    return undefined;
  }
  const named = { name, ...(description === undefined ? {} : { description }) };
  if (instruction !== undefined) {
    return isInstruction(compilation, skill, instruction, folder, pointerOf(pointer, 'instruction'))
      ? { kind: 'instruction', ...named, instruction }
      : undefined;
  }
  const { sourceNamespace: namespace, action } = from as NonNullable<SkillTool['from']>;
  const target = findTarget(compilation, namespace, action, pointerOf(pointer, 'from'));
  return target === undefined
    ? undefined
    : { kind: 'derived', ...named, namespace, action, target };
}

function isInstruction(
  compilation: Compilation,
  skill: Skill,
  instruction: string,
  folder: string | undefined,
  pointer: string,
): boolean {
  if (skill.location === undefined) {
    compilation.report(
      'SKILL_INVALID',
      pointer,
      `The skill "${skill.name}" has no location, so there is no folder for the file "${instruction}". Add one.`,
    );
    return false;
  }
  const segments = instruction.split('/');
  if (!segments.every(isServedName)) {
    compilation.report(
      'SKILL_INVALID',
      pointer,
      `"${instruction}" is no path of a file below the skill's folder. Write names with "/" between them, none of them beginning with a dot.`,
    );
    return false;
  }
  if (folder === undefined || !existsSync(folder)) return true;
  const path = join(folder, ...segments);
  if (!existsSync(path)) {
    compilation.report(
      'LOCATION_MISSING',
      pointer,
      `There is no file ${path}, so the instruction cannot be read until it is there. Write it, or correct the path.`,
    );
  }
  return true;
}

/** What `from` means among the REST and MCP exposes of the same file. */
function findTarget(
  compilation: Compilation,
  namespace: string,
  action: string,
  pointer: string,
): SkillTarget | undefined {
  const siblings = (compilation.document.capability?.exposes ?? []).filter(
    (expose): expose is ExposesRest | ExposesMcp => expose.type === 'rest' || expose.type === 'mcp',
  );
  const sibling = siblings.find((expose) => (expose.namespace ?? expose.type) === namespace);
  if (sibling === undefined) {
    const names = siblings.map((expose) => expose.namespace ?? expose.type);
    compilation.report(
      'SKILL_SOURCE_UNKNOWN',
      pointerOf(pointer, 'sourceNamespace'),
      `"${namespace}" is no REST or MCP expose of this file (it has ${names.join(', ') || 'none'}).`,
      { suggestion: nearest(namespace, names) },
    );
    return undefined;
  }
  const actions =
    sibling.type === 'rest' ? restActions(compilation, sibling) : mcpActions(compilation, sibling);
  const target = actions.get(action);
  if (target === undefined) {
    compilation.report(
      'SKILL_SOURCE_UNKNOWN',
      pointerOf(pointer, 'action'),
      `The expose "${namespace}" has no ${sibling.type === 'rest' ? 'operation' : 'tool'} named "${action}". Name one that it has, or add it there.`,
      { suggestion: nearest(action, [...actions.keys()]) },
    );
  }
  return target;
}

type Actions = ReadonlyMap<string, SkillTarget>;

function restActions(compilation: Compilation, expose: ExposesRest): Actions {
  const prefix = compilation.options.prefix === true ? `/${expose.namespace ?? 'rest'}` : '';
  const actions = new Map<string, SkillTarget>();
  for (const { path, operations = [] } of expose.resources ?? []) {
    const route = splitVariables(path.startsWith('/') ? path : `/${path}`)
      .map((part) => ('text' in part ? part.text : `{${part.variable}}`))
      .join('');
    for (const { name, method = DEFAULT_METHOD } of operations) {
      if (name === undefined || actions.has(name)) continue;
      actions.set(name, { mode: 'rest', method: method.toUpperCase(), path: prefix + route });
    }
  }
  return actions;
}

function mcpActions(compilation: Compilation, expose: ExposesMcp): Actions {
  const { toolNames } = compilation.options;
  const transport = expose.transport ?? 'http';
  const names = (expose.tools ?? []).map(({ name }) => name);
  return new Map(
    Array.from(assignToolNames(names, toolNames), ([name, tool]) => [
      name,
      { mode: 'mcp', tool, transport },
    ]),
  );
}
