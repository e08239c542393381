import { type CsvError, parse } from 'csv-parse/sync';
import type { Json } from '../plan/plan.ts';
import { decodeText } from './text.ts';
import { checkSize, createCount, unreadable } from './unreadable.ts';

export type Delimited = 'csv' | 'tsv' | 'psv';

const DELIMITERS: Readonly<Record<Delimited, string>> = { csv: ',', tsv: '\t', psv: '|' };

/**
 * A list of rows as objects by the names in the first row, every cell being text. Cells that a row
 * lacks at its end have no field; empty lines are left out; of two columns with one name the last
 * counts.
 */
export function readDelimited(
  format: Delimited,
  bytes: Buffer,
  contentType: string | undefined,
): Json {
  checkSize(format, bytes, 16);
  const text = decodeText(bytes, contentType, { format, strict: false });
  const [header, ...rows] = parseRows(format, text);
  if (header === undefined) return [];
  const names = header.map((name) => name.trim());
  const count = createCount(format);
  return rows.map((cells) => {
    count(cells.length + 1);
    if (cells.slice(names.length).some((cell) => cell !== '')) {
      throw unreadable(format, 'a row has more cells than the first row has names');
    }
    return Object.fromEntries(
      cells.slice(0, names.length).map((cell, index) => [names[index] as string, cell]),
    );
  });
}

function parseRows(format: Delimited, text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter: DELIMITERS[format],
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    const unclosed = (error as CsvError).code === 'CSV_QUOTE_NOT_CLOSED';
    throw unreadable(format, unclosed ? 'a quote is not closed' : 'its rows cannot be told apart');
  }
}
