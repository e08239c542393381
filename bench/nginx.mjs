// nginx, in a process of its own on a free loopback port: as the consumed API, and as the reverse
// proxy that the gateway is compared with. Nothing of a system-wide nginx is read or touched.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../scripts/free-port.mjs';
import { CREATED, DOCUMENTS } from './payload.mjs';
import { pin } from './proc.mjs';
import { CORES, startServer } from './processes.mjs';

const PATIENCE_MS = 5_000;
const PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** `nginx/1.22.1`, or undefined where there is none. */
export const nginxVersion = /nginx\/\S+/.exec(
  spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr ?? '',
)?.[0];

/** The consumed API: files where nginx is there, else a bare server. */
export function startUpstream(folder) {
  if (nginxVersion === undefined) return startServer('upstream', [], CORES?.rest);
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(document));
  }
  const locations = Object.keys(DOCUMENTS).map(
    (name) => `location /${name}/ { try_files /${name}.json =404; }`,
  );
  const server = `
    root ${folder};
    default_type application/json;
    types {}
    sendfile on;
    open_file_cache max=16 inactive=1h;
    open_file_cache_valid 1h;
    location = /items { return 200 '${JSON.stringify(CREATED)}'; }
    ${locations.join('\n    ')}`;
  return startNginx(folder, 'upstream', { server, core: CORES?.rest });
}

/** nginx as reverse proxy of the consumed API. */
export function startProxy(folder, upstream) {
  const http = `upstream api {
      server ${new URL(upstream).host};
      keepalive 64;
      keepalive_requests 1000000000;
    }`;
  const server = `
    location / {
      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }`;
  return startNginx(folder, 'proxy', { http, server, core: CORES?.measured });
}

async function startNginx(parent, name, { http = '', server, core }) {
  const folder = fs.mkdtempSync(path.join(parent, `${name}-`));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  const temporary = PATHS.map((each) => `${each}_temp_path ${folder}/${each};`);
  fs.writeFileSync(
    file,
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
    access_log off;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    ${temporary.join('\n    ')}
    ${http}
    server {
    listen 127.0.0.1:${port} backlog=4096;
    ${server}
    }
}
`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = (said + bytes).slice(-2_000);
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  for (const until = Date.now() + PATIENCE_MS; !(await listens(port)); await sleep(20)) {
    if (child.exitCode === null && Date.now() < until) continue;
    kill();
    throw new Error(`nginx did not start as ${name}:\n${said}`);
  }
  pin(child.pid, core);
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid, stop: kill };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
