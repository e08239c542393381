// What /proc tells of processes and cores; NaN or nothing where there is none.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';

const TICK_US = 10_000;

/** Microseconds that all threads of a process, and of its children, have been on a core. */
export function cpuOf(pid) {
  try {
    const own = fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
      const [nanoseconds] = read(`/proc/${pid}/task/${task}/schedstat`).split(' ');
      return sum + Number(nanoseconds) / 1e3;
    }, 0);
    return childrenOf(pid).reduce((sum, child) => sum + cpuOf(child), own);
  } catch {
    return Number.NaN;
  }
}

/** Megabytes of a process and its children: held now, and the most that each ever held. */
export function memoryOf(pid) {
  try {
    const status = read(`/proc/${pid}/status`);
    const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    return childrenOf(pid)
      .map(memoryOf)
      .reduce((sum, { now, peak }) => ({ now: sum.now + now, peak: sum.peak + peak }), {
        now: field('VmRSS'),
        peak: field('VmHWM'),
      });
  } catch {
    return { now: Number.NaN, peak: Number.NaN };
  }
}

/** Microseconds that a core has been busy, with whatever; interrupts and stolen time count. */
export function busyOf(core) {
  try {
    const line = read('/proc/stat').match(new RegExp(`^cpu${core} .*`, 'm'))[0];
    const [user, nice, system, , , irq, softirq, steal] = line.split(' ').slice(1).map(Number);
    return (user + nice + system + irq + softirq + steal) * TICK_US;
  } catch {
    return Number.NaN;
  }
}

/** Two cores that this process may use, as taskset names them; undefined where it cannot pin. */
export function twoCores() {
  try {
    const [, list] = /^Cpus_allowed_list:\s+(.*)$/m.exec(read('/proc/self/status'));
    const cores = list.split(',').flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
    });
    execFileSync('taskset', ['-c', cores.slice(0, 2).join(), 'true'], { stdio: 'ignore' });
    return cores.length < 2 ? undefined : { rest: cores[0], measured: cores[1], all: cores };
  } catch {
    return undefined;
  }
}

/** Keeps a process, with the threads it has and will have, on a core, or on several. */
export function pin(pid, core) {
  if (core === undefined) return;
  try {
    execFileSync('taskset', ['-a', '-p', '-c', core, String(pid)], { stdio: 'ignore' });
  } catch {
    // A thread that ended in between is no reason to stop.
    process.stderr.write(`[bench] process ${pid} could not be kept on core ${core}\n`);
  }
}

function childrenOf(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    return read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number);
  });
}

function read(file) {
  return fs.readFileSync(file, 'utf8');
}
