// Every row, in the order of the report.
import { listRows } from './lists.mjs';
import { mcpRows } from './mcp.mjs';
import { poolRows } from './pools.mjs';
import { restRows } from './rest.mjs';
import { scaleRows } from './scale.mjs';
import { shapedRows } from './shaped.mjs';
import { startRows } from './start.mjs';

export const ROWS = [
  ...restRows,
  ...shapedRows,
  ...mcpRows,
  ...listRows,
  ...scaleRows,
  ...poolRows,
  ...startRows,
];
