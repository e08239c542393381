import { serverName } from './client-file.ts';
import type { HttpServer } from './mcp-server-facts.ts';
import { UsageError } from './terminal.ts';

const PROBE_MS = 5_000;

/**
 * A running server as it presents itself: its name, and how it asks callers to show themselves. One
 * that does not answer is named after its address.
 */
export async function probeServer(given: string): Promise<HttpServer> {
  const url = new URL(given);
  const unnamed = serverName(url.hostname === '127.0.0.1' ? 'naftiko' : url.hostname);
  const found = await greet(url).catch((error: Error) => reasonOf(error));
  if (typeof found === 'string') {
    const notes = [`${url.origin} did not answer (${found}), so its name is made up.`];
    return { transport: 'http', name: unnamed, url: url.href, notes };
  }
  const name = found.name === undefined ? unnamed : serverName(found.name);
  return { transport: 'http', name, url: url.href, ...accessOf(name, found.challenge) };
}

/** @throws UsageError for what is no URL of a server, or holds a credential */
export function checkedUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--url takes the address of an MCP endpoint, as http://127.0.0.1:9090/mcp, not "${given}".`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--url holds a user name or a password, which would end up in files. Leave it out: what the server asks for is found out, and shown as a variable.',
    );
  }
  return url;
}

interface Greeting {
  readonly name?: string;
  /** What the server asks for, where it let nobody in. */
  readonly challenge?: string;
}

async function greet(url: URL): Promise<Greeting> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'naftiko', version: '1' },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  const challenge = response.headers.get('www-authenticate');
  if (response.status === 401) {
    await response.body?.cancel();
    return { challenge: challenge ?? '' };
  }
  const session = response.headers.get('mcp-session-id');
  const text = await response.text();
  if (session !== null) {
    const ended = { method: 'DELETE', headers: { 'mcp-session-id': session }, signal };
    await fetch(url, ended).then(
      (answer) => answer.body?.cancel(),
      () => {},
    );
  }
  if (!response.ok) throw new Error(`status ${response.status}`);
  const name = nameIn(text);
  return name === undefined ? {} : { name };
}

/** From a JSON answer, or from the last event of a stream. */
function nameIn(text: string): string | undefined {
  const data = /^data: ?(.*serverInfo.*)$/m.exec(text)?.[1] ?? text;
  try {
    const { result } = JSON.parse(data) as { result?: { serverInfo?: { name?: unknown } } };
    const name = result?.serverInfo?.name;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

function accessOf(
  name: string,
  challenge: string | undefined,
): Pick<HttpServer, 'header' | 'notes'> {
  if (challenge === undefined) return { notes: [] };
  const prefix = name
    .toUpperCase()
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_');
  if (/resource_metadata=/i.test(challenge)) {
    return { notes: [`${name} sends clients to its authorization server to sign in.`] };
  }
  const [scheme = ''] = challenge.toLowerCase().split(/[\s,]/, 1);
  if (scheme === 'bearer') {
    const variable = `${prefix}_TOKEN`;
    const header = { name: 'Authorization', value: ['Bearer ', { variable }] };
    return { header, notes: [`${name} needs ${variable} set to its token.`] };
  }
  if (scheme === 'basic') {
    const variable = `${prefix}_BASIC`;
    const header = { name: 'Authorization', value: ['Basic ', { variable }] };
    const what = 'base64 of its user name, a colon, and its password';
    return { header, notes: [`${name} needs ${variable} set to ${what}.`] };
  }
  if (scheme === 'digest') {
    return { notes: [`${name} asks for digest authentication, which no MCP client answers.`] };
  }
  return {
    notes: [
      `${name} lets in known callers only, and does not say how: add the header it wants, or give the capability file, which says it.`,
    ],
  };
}

const reasonOf = (error: Error): string =>
  error.cause instanceof Error ? error.cause.message : error.message;
