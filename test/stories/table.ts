import assert from 'node:assert/strict';
import path from 'node:path';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { FACES, type Ledger, operationsOf } from './driver.ts';
import { tableIn } from './ledger.ts';

const DOCS = path.join(import.meta.dirname, '..', '..', 'docs');

/**
 * Holds the table of a page of the docs to what the stories did: each operation with its route, its
 * tool, and the stories that called it over both faces.
 */
export function checkTable(page: string, gateway: Gateway, ledger: Ledger): void {
  const table = tableOf(gateway, ledger);
  const why = `WRITE_TABLES=1 npm test -- stories writes docs/${page}`;
  assert.equal(tableIn(path.join(DOCS, page), table), table, why);
}

function tableOf({ capabilities }: Gateway, ledger: Ledger): string {
  const rows = new Map<string, { operation: string; route?: string; tool?: string }>();
  for (const plan of capabilities.flatMap(({ faces }) => faces)) {
    for (const { name, operation, route } of operationsOf(plan)) {
      const [step] = operation.steps;
      assert.ok(step !== undefined);
      const row = rows.get(step.target) ?? { operation: `${step.method} ${step.pathTemplate}` };
      const more =
        route === undefined ? { tool: name } : { route: `${route.method} ${route.path}` };
      rows.set(step.target, { ...row, ...more });
    }
  }
  const lines = Array.from(rows, ([target, { operation, route, tool }]) => {
    const [first, second] = FACES.map((face) => ledger.storiesOf(target, face));
    assert.deepEqual(first, second, `${target}: the stories of both faces differ`);
    assert.ok((first ?? []).length > 0, `no story calls ${target}`);
    return `| \`${operation}\` | \`${route}\` | \`${tool}\` | ${first?.join('; ')} |`;
  });
  return ['| operation | route | tool | shown by |', '|---|---|---|---|', ...lines].join('\n');
}
