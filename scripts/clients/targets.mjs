// What the clients are driven against: the published files with a mock of their APIs, the fixture
// that has everything, and one of as many tools as there are. Each as a server and as a command.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startUpstream } from '../../test/conformance/upstream.mjs';
import { startGateway } from '../gateway.mjs';
import { command, root } from '../setup.mjs';
import { graphCapability } from './graph.mjs';

/**
 * @returns {Promise<{ [name in 'seeds' | 'fixture' | 'graph']: { url: string, rest?: string,
 *   stdio: { command: string, args: string[] } } } & { close: () => Promise<number[]> }>}
 *   `close` gives the exit statuses
 */
export async function startTargets() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clients-'));
  const graph = path.join(folder, 'graph.capability.yaml');
  fs.writeFileSync(graph, graphCapability());
  const upstream = await startUpstream();
  const shared = path.join(root, '..', 'shared', 'seeds');
  const seeds = fs.existsSync(shared) ? shared : path.join(root, 'capabilities');
  const fixture = path.join(root, 'test', 'conformance', 'conformance.capability.yaml');
  const running = [];
  const start = async (args, needs) => {
    const gateway = await startGateway(args, { needs });
    running.push(gateway);
    const stdio = [command, 'run', '--stdio', ...args, '--log-level', 'error'];
    return {
      url: gateway.mcp,
      rest: gateway.rest,
      stdio: { command: process.execPath, args: stdio },
    };
  };
  const close = async () => {
    const statuses = await Promise.all(running.map(({ stop }) => stop()));
    await upstream.close();
    fs.rmSync(folder, { recursive: true, force: true });
    return statuses;
  };
  try {
    return {
      seeds: await start([seeds, '--mock'], ['rest', 'mcp']),
      fixture: await start([fixture, '--base-uri', `fixture=${upstream.url}`], ['mcp']),
      graph: await start([graph, '--mock'], ['mcp']),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
