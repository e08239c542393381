import type { ToolResult } from '../mcp/result.ts';
import type { Mask } from '../secrets.ts';
import { plainLines } from './plain.ts';
import type { Terminal } from './terminal.ts';

type Part = ToolResult['content'][number];

/** The answer of a tool: text as it is, other bytes to a file or a program only. */
export function showResult({ content }: ToolResult, terminal: Terminal, mask: Mask): void {
  for (const part of content) {
    const shown = shownOf(part);
    if ('text' in shown) {
      const text = mask(shown.text);
      terminal.out(terminal.interactive ? plainLines(text) : text);
      continue;
    }
    const bytes = Buffer.from(shown.base64, 'base64');
    if (terminal.interactive) {
      terminal.err(
        `The answer is ${bytes.length} bytes of ${shown.mimeType}, not shown on a terminal. Write them to a file: add > FILE.`,
      );
    } else terminal.out(bytes);
  }
}

export function showError({ content }: ToolResult, terminal: Terminal, mask: Mask): void {
  for (const part of content) {
    if (part.type === 'text') terminal.err(plainLines(mask(part.text)));
  }
}

/** A link is shown as its URI. */
function shownOf(
  part: Part,
): { readonly text: string } | { readonly mimeType: string; readonly base64: string } {
  if (part.type === 'text') return part;
  if (part.type === 'resource_link') return { text: part.uri };
  if (part.type !== 'resource') return { mimeType: part.mimeType, base64: part.data };
  const { resource } = part;
  return 'text' in resource ? resource : { mimeType: resource.mimeType, base64: resource.blob };
}
