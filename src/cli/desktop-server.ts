import { type Spell, spelled } from './client-file.ts';
import type { ServerFacts } from './mcp-server-facts.ts';

const placeholder: Spell = (variable) => `<${variable}>`;

/** Claude Desktop starts a server, or a bridge to one; values stand in the file itself. */
export function desktopServer(server: ServerFacts): object {
  if (server.transport === 'stdio') {
    const { command, args, variables } = server;
    const env = Object.fromEntries(variables.map((each) => [each, placeholder(each)]));
    return { command, args, ...(variables.length === 0 ? {} : { env }) };
  }
  const url = spelled(server.url, placeholder);
  const args = ['-y', 'mcp-remote', url];
  if (!isSafe(url)) args.push('--allow-http');
  const { header } = server;
  if (header === undefined) return { command: 'npx', args };
  // A space in an argument is lost on Windows, so the whole value comes from a variable.
  const variable = `${server.name.toUpperCase().replace(/\W/g, '_')}_HEADER`;
  return {
    command: 'npx',
    args: [...args, '--header', `${header.name}:\${${variable}}`],
    env: { [variable]: spelled(header.value, placeholder) },
  };
}

/** The bridge takes plain HTTP to this machine without being told to. */
const isSafe = (url: string): boolean =>
  url.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?=[:/])/.test(url);
