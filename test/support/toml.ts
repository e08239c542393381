import assert from 'node:assert/strict';

type Value = string | readonly string[] | Readonly<Record<string, string>>;

/** Reads the part of TOML that configurations need: tables of texts, lists of texts, inline tables. */
export function readToml(text: string): Record<string, Record<string, Value>> {
  const tables: Record<string, Record<string, Value>> = {};
  let table: Record<string, Value> | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const header = /^\[([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      assert.ok(!Object.hasOwn(tables, header), `the table ${header} stands twice`);
      table = {};
      tables[header] = table;
      continue;
    }
    const [, key = '', value = ''] = /^([A-Za-z0-9_-]+) = (.+)$/.exec(line) ?? [];
    assert.ok(table !== undefined && key !== '', `no table and no pair: ${line}`);
    assert.ok(!Object.hasOwn(table, key), `${key} stands twice`);
    table[key] = readValue(value);
  }
  return tables;
}

/** A basic string of TOML is one of JSON, but for DEL and surrogates alone. */
function readValue(written: string): Value {
  assert.doesNotMatch(written, /[\p{Cc}]|\\\//u);
  const pair = /^\{ ("(?:[^"\\]|\\.)*") = ("(?:[^"\\]|\\.)*") \}$/.exec(written);
  if (pair !== null) {
    return { [JSON.parse(pair[1] as string) as string]: JSON.parse(pair[2] as string) as string };
  }
  assert.match(
    written,
    /^(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"(?:, "(?:[^"\\]|\\.)*")*)?\])$/,
  );
  return JSON.parse(written) as string | string[];
}
