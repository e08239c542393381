import { selectAll } from 'css-select';
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5';
import type { Json } from '../plan/plan.ts';
import type { CompiledFormat } from './read-format.ts';
import { decodeText } from './text.ts';
import { checkSize, createCount, unreadable } from './unreadable.ts';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

const DEEPEST_PAGE = 500;
const WIDEST_CELL = 100;

/**
 * `{tables: [[{<header>: cell}]]}`: the tables of a page whose first row has header cells, every cell
 * as text with white space folded. A selector scopes them: tables that it selects, and tables inside
 * what it selects.
 */
export function compileHtml(selector: string | undefined): CompiledFormat {
  if (selector !== undefined && !isSelector(selector)) {
    return {
      why: `outputSchema has to be a CSS selector for an answer of format html, and "${selector}" is none.`,
    };
  }
  return {
    read: function readHtml(bytes, contentType) {
      checkSize('html', bytes, 4);
      const text = decodeText(bytes, contentType, {
        format: 'html',
        strict: false,
        declared: (head) => /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1],
      });
      const count = createCount('html');
      return {
        tables: tablesOf(parsePage(text), selector).flatMap((table) => toRows(table, count)),
      };
    },
  };
}

/** The library takes nothing, and half of a selector, and then selects nothing. */
function isSelector(text: string): boolean {
  if (/^\s*(?:[>+~]|$)|[>+~]\s*$/.test(text)) return false;
  try {
    selectAll<Node, Element>(text, parse(''), { adapter: ADAPTER });
    return true;
  } catch {
    return false;
  }
}

function parsePage(text: string): DefaultTreeAdapterTypes.Document {
  let depth = 0;
  return parse(text, {
    treeAdapter: {
      ...defaultTreeAdapter,
      onItemPush() {
        depth += 1;
        if (depth > DEEPEST_PAGE) {
          throw unreadable('html', `it is nested more than ${DEEPEST_PAGE} levels deep`);
        }
      },
      onItemPop() {
        depth -= 1;
      },
    },
  });
}

function tablesOf(page: Node, selector: string | undefined): readonly Element[] {
  const all = descendants(page).filter((element) => element.tagName === 'table');
  if (selector === undefined) return all;
  const scopes = new Set<Node>(selectAll<Node, Element>(selector, page, { adapter: ADAPTER }));
  return all.filter((table) => {
    for (let at: Node | null = table; at !== null; at = parentOf(at)) {
      if (scopes.has(at)) return true;
    }
    return false;
  });
}

/** One table as a list of its rows in a list, or nothing when its first row names no column. */
function toRows(table: Element, count: (values: number) => void): Json[] {
  const [first, ...rows] = descendants(table).filter(
    (element) => element.tagName === 'tr' && tableOf(element) === table,
  );
  if (first === undefined || !cellsOf(first).some(({ tagName }) => tagName === 'th')) return [];
  const names = textsOf(first);
  return [
    rows.map((row) => {
      const cells = textsOf(row);
      count(names.length + 1);
      const fields = names.map((name, index) => [name, cells[index] ?? ''] as const);
      return Object.fromEntries(fields.filter(([name]) => name !== ''));
    }),
  ];
}

function tableOf(row: Element): Node | null {
  let at = parentOf(row);
  while (at !== null && !(isElement(at) && at.tagName === 'table')) at = parentOf(at);
  return at;
}

const cellsOf = (row: Element): readonly Element[] =>
  childrenOf(row)
    .filter(isElement)
    .filter(({ tagName }) => tagName === 'th' || tagName === 'td');

/** The texts of a row's cells; a cell over several columns leaves the further ones empty. */
function textsOf(row: Element): readonly string[] {
  return cellsOf(row).flatMap((cell) => {
    const columns = Number(attributeOf(cell, 'colspan') ?? 1);
    const further = Number.isInteger(columns) ? Math.min(columns, WIDEST_CELL) - 1 : 0;
    return [textOf(cell), ...Array<string>(Math.max(further, 0)).fill('')];
  });
}

const APART: ReadonlySet<string> = new Set(
  'address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul'.split(
    ' ',
  ),
);
const SILENT: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript']);

const textOf = (node: Node): string => rawText(node).replace(/\s+/g, ' ').trim();

function rawText(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  if (SILENT.has(node.nodeName)) return '';
  const text = childrenOf(node).map(rawText).join('');
  return APART.has(node.nodeName) ? ` ${text} ` : text;
}

function descendants(root: Node): Element[] {
  const found: Element[] = [];
  const pending: Node[] = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at !== root && isElement(at)) found.push(at);
    pending.push(...childrenOf(at).toReversed());
  }
  return found;
}

const isElement = (node: Node): node is Element => 'tagName' in node;

const childrenOf = (node: Node): Node[] => ('childNodes' in node ? node.childNodes : []);

const parentOf = (node: Node): Node | null => ('parentNode' in node ? node.parentNode : null);

const attributeOf = (element: Element, name: string): string | undefined =>
  element.attrs.find((attribute) => attribute.name === name)?.value;

/** How the selector library walks the trees of the parser. */
const ADAPTER = {
  isTag: isElement,
  getAttributeValue: attributeOf,
  hasAttrib: (element: Element, name: string) => attributeOf(element, name) !== undefined,
  getChildren: childrenOf,
  getName: (element: Element) => element.tagName,
  getParent: parentOf,
  getSiblings(node: Node): Node[] {
    const parent = parentOf(node);
    return parent === null ? [node] : childrenOf(parent);
  },
  getText: rawText,
  removeSubsets: (nodes: Node[]) => nodes,
};
