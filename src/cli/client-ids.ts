/** The MCP clients that configurations are known of. */
export const CLIENTS = [
  'claude-desktop',
  'claude-code',
  'cursor',
  'vscode',
  'codex',
  'gemini',
] as const;

export type ClientId = (typeof CLIENTS)[number];
