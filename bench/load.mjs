// The load: keep-alive connections on bare sockets, one request outstanding on each, so that the
// load costs little beside what is measured. A child process; its parent sends a job,
//   { url, method, headers, body, counter, connections, lead, seconds, requests }
// and hears { counting: true } when all are connected and `lead` seconds have passed, then
//   { requests, seconds, p50, p99, cpu, errors, why }
// once `seconds` have passed and some are answered, or `requests` are: latencies in milliseconds, the load's own
// processor time in microseconds. An answer that is not 200, is not framed as announced or has
// another length than the one before is an error; its connection is made anew. `counter`: a number of
// ten digits in the body, which each request gets anew, so that ids in a session never meet.
import net from 'node:net';
import process from 'node:process';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = '0\r\n\r\n';
const MOST_ERRORS = 1_000;
/** A round of slow answers goes on until it has some, up to so many times its length. */
const FEWEST = 20;
const LONGEST = 15;
/** What is being answered when a round ends is read: some servers never get over a caller who goes away. */
const LEAVING_MS = 2_000;

let counted = 1_000_000_000;

process.on('message', run);
process.on('disconnect', () => process.exit());

function run(job) {
  const { hostname, port, host, pathname } = new URL(job.url);
  const template = messageOf(job, host, pathname);
  const numberAt = job.counter ? template.indexOf(job.counter) : -1;
  const sockets = new Set();
  let latencies = [];
  let length;
  let isCounting = false;
  let isOver = false;
  let errors = 0;
  let why;
  let started;
  let cpu;
  let ready = 0;

  for (let index = 0; index < job.connections; index += 1) connect(true);

  function connect(isFirst) {
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    const message = Buffer.from(template);
    const answer = reader();
    let sent;
    const send = () => {
      counted += 1;
      if (numberAt >= 0) message.latin1Write(String(counted), numberAt);
      sent = process.hrtime.bigint();
      socket.write(message);
    };
    const fail = (reason) => {
      sockets.delete(socket);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      if (isOver) return;
      errors += 1;
      why ??= reason;
      if (errors < MOST_ERRORS) setTimeout(connect, 10, isFirst && sent === undefined);
      else finish();
    };
    sockets.add(socket);
    socket.on('connect', () => {
      if (!isFirst) return send();
      socket.go = send;
      ready += 1;
      if (ready === job.connections) begin();
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the server closed a connection'));
    socket.on('data', (bytes) => {
      const end = answer.take(bytes);
      if (typeof end === 'string') return fail(end);
      if (end === undefined) return;
      if (end.isFixed) {
        length ??= end.length;
        if (length !== end.length) return fail(`an answer of ${end.length} bytes, not ${length}`);
      }
      if (isOver) return leave(socket);
      latencies.push(Number(process.hrtime.bigint() - sent) / 1e6);
      if (isCounting && latencies.length === job.requests) finish();
      if (isOver) leave(socket);
      else send();
    });
  }

  function begin() {
    for (const socket of sockets) socket.go();
    setTimeout(count, job.lead * 1e3);
  }

  function count() {
    latencies = [];
    isCounting = true;
    started = process.hrtime.bigint();
    cpu = process.cpuUsage();
    process.send({ counting: true });
    setTimeout(close, job.seconds * 1e3, LONGEST);
  }

  function close(left) {
    if (latencies.length >= FEWEST || left === 0) finish();
    else setTimeout(close, job.seconds * 1e3, left - 1);
  }

  function finish() {
    if (isOver) return;
    isOver = true;
    const seconds = started ? Number(process.hrtime.bigint() - started) / 1e9 : 0;
    const { user, system } = process.cpuUsage(cpu);
    const sorted = Float64Array.from(latencies).sort();
    const at = (share) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const [p50, p99] = [at(0.5), at(0.99)];
    const counted = { requests: sorted.length, seconds, p50, p99, cpu: user + system };
    if (sorted.length === 0) why ??= 'nothing was answered';
    process.send({ ...counted, errors: sorted.length === 0 ? Math.max(1, errors) : errors, why });
    setTimeout(() => sockets.forEach(leave), LEAVING_MS);
  }

  function leave(socket) {
    sockets.delete(socket);
    socket.destroy();
  }
}

function messageOf({ method, headers = {}, body = '' }, host, pathname) {
  const fields = { host, accept: 'application/json, text/event-stream', ...headers };
  if (body) {
    fields['content-type'] = 'application/json';
    fields['content-length'] = Buffer.byteLength(body);
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** Reads one answer after the other; `take` tells when one ends, or in a text what is wrong. */
function reader() {
  let head;
  let length = 0;
  let missing = 0;
  let tail = '';

  function take(bytes) {
    if (head === undefined || missing === undefined) return start(bytes);
    return go(bytes);
  }

  function start(bytes) {
    const all = head === undefined ? bytes : Buffer.concat([head, bytes]);
    const end = all.indexOf(HEAD_END);
    head = all;
    missing = undefined;
    if (end < 0) return undefined;
    const text = all.latin1Slice(0, end);
    if (!text.startsWith('HTTP/1.1 200')) return all.toString().slice(0, 300);
    const announced = /\r\ncontent-length: *(\d+)/i.exec(text);
    length = announced === null ? Number.NaN : Number(announced[1]);
    missing = length;
    tail = '';
    return go(all.subarray(end + HEAD_END.length));
  }

  function go(bytes) {
    if (Number.isNaN(missing)) {
      tail = (tail + bytes.latin1Slice(Math.max(0, bytes.length - LAST_CHUNK.length))).slice(
        -LAST_CHUNK.length,
      );
      return tail === LAST_CHUNK ? over() : undefined;
    }
    missing -= bytes.length;
    if (missing < 0) return 'an answer is longer than announced';
    return missing === 0 ? over() : undefined;
  }

  function over() {
    head = undefined;
    return Number.isNaN(length) ? CHUNKED : { isFixed: true, length };
  }

  return { take };
}

const CHUNKED = { isFixed: false };
