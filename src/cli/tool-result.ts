import type { ToolResult } from '../mcp/result.ts';
import type { Mask } from '../secrets.ts';
import { plainLines } from './plain.ts';
import type { Terminal } from './terminal.ts';

type Part = ToolResult['content'][number];

/** The answer of a tool: text as it is, other bytes to a file or a program only. */
export function showResult({ content }: ToolResult, terminal: Terminal, mask: Mask): void {
  for (const part of content) {
    if (part.type === 'text') {
      const text = mask(part.text);
      terminal.out(terminal.interactive ? plainLines(text) : text);
      continue;
    }
    const { mimeType, base64 } = binaryOf(part);
    const bytes = Buffer.from(base64, 'base64');
    if (terminal.interactive) {
      terminal.err(
        `The answer is ${bytes.length} bytes of ${mimeType}, not shown on a terminal. Write them to a file: add > FILE.`,
      );
    } else terminal.out(bytes);
  }
}

export function showError({ content }: ToolResult, terminal: Terminal, mask: Mask): void {
  for (const part of content) {
    if (part.type === 'text') terminal.err(plainLines(mask(part.text)));
  }
}

function binaryOf(part: Exclude<Part, { type: 'text' }>): { mimeType: string; base64: string } {
  if (part.type === 'resource')
    return { mimeType: part.resource.mimeType, base64: part.resource.blob };
  return { mimeType: part.mimeType, base64: part.data };
}
