// The load: keep-alive connections on bare sockets, one request outstanding on each, so that the
// load costs little beside what is measured. A process of its own:
//   node load.mjs '{"url": …, "method": …, "body": …, "connections": 32, "seconds": 2}'
// It prints {"requests", "seconds", "p50", "p99"}; latencies in milliseconds.
// An answer that is not 200, or is not framed as announced, ends it with status 1.
import net from 'node:net';
import process from 'node:process';

const { url, method, body = '', connections, seconds } = JSON.parse(process.argv[2]);
const { hostname, port, host, pathname } = new URL(url);
const message = Buffer.from(
  `${method} ${pathname} HTTP/1.1\r\nhost: ${host}\r\n` +
    'accept: application/json, text/event-stream\r\n' +
    (body
      ? `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
      : '') +
    `\r\n${body}`,
);
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const started = process.hrtime.bigint();
const until = started + BigInt(seconds * 1e9);
const latencies = [];

for (let index = 0; index < connections; index += 1) connect();
process.on('exit', report);

function connect() {
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  let sent;
  let head = Buffer.alloc(0);
  let missing = 0;
  const send = () => {
    sent = process.hrtime.bigint();
    head = undefined;
    socket.write(message);
  };
  const finish = () => {
    const now = process.hrtime.bigint();
    latencies.push(Number(now - sent) / 1e6);
    if (now < until) send();
    else socket.end();
  };
  socket.on('connect', send);
  socket.on('error', (error) => fail(error.message));
  socket.on('data', (bytes) => {
    if (head === undefined) {
      head = bytes;
      missing = announced(bytes);
    } else if (missing > 0) missing -= bytes.length;
    if (missing < 0 && !Number.isNaN(missing)) fail('an answer is longer than announced');
    if (missing === 0 || (Number.isNaN(missing) && endsWith(bytes, LAST_CHUNK))) finish();
  });
  socket.on('close', () => {
    if (process.hrtime.bigint() < until) fail('the server closed a connection');
  });
}

/** How many bytes of the answer are still to come; NaN when it comes in chunks. */
function announced(bytes) {
  const end = bytes.indexOf(HEAD_END);
  const head = bytes.latin1Slice(0, end);
  if (end < 0 || !head.startsWith('HTTP/1.1 200')) fail(bytes.toString().slice(0, 300));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  return length === null ? Number.NaN : end + HEAD_END.length + Number(length[1]) - bytes.length;
}

function endsWith(bytes, tail) {
  return bytes.subarray(-tail.length).equals(tail);
}

function report(status) {
  if (status !== 0) return;
  latencies.sort((one, other) => one - other);
  const at = (share) => latencies[Math.floor(latencies.length * share)];
  const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
  const result = { requests: latencies.length, seconds: elapsed, p50: at(0.5), p99: at(0.99) };
  process.stdout.write(JSON.stringify(result));
}

function fail(why) {
  process.stderr.write(`load on ${url}: ${why}\n`);
  process.exit(1);
}
