/**
 * Every test in one process: isolation would cost ten times the time and buys nothing, because no
 * module keeps state. Arguments are words to choose test files by: `npm test -- mcp structure`.
 */
import { readdirSync } from 'node:fs';

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => file.replaceAll('\\', '/'))
  .sort();

if (files.length === 0) throw new Error(`No test file has any of: ${words.join(', ')}`);
for (const file of files) await import(`./${file}`);
