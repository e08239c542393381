import { GatewayError } from '../errors.ts';
import type { Job, Reply, Stop } from './protocol.ts';

/** The failure that tells the caller why the script `name` gave no result. */
export function failureOf(name: string, stop: Stop, reply: Reply, job: Job): GatewayError {
  const cause = reply.detail === undefined ? undefined : new Error(reply.detail);
  const place = placeOf(name, reply);
  switch (stop) {
    case 'threw': {
      const error = reply.error === undefined ? '' : ` with a ${reply.error}`;
      const message = `${place} failed${error}. Its author finds what it said in the log.`;
      return new GatewayError('SCRIPT_FAILED', message, {}, cause);
    }
    case 'unusable': {
      const message = `${place} set result to something that JSON has no form for: a function, a symbol, a number too large for it, or a value that contains itself.`;
      return new GatewayError('SCRIPT_FAILED', message, {}, cause);
    }
    case 'never': {
      const message = `${place} waits for a promise that nothing will ever settle: a script has no timers and no network.`;
      return new GatewayError('SCRIPT_FAILED', message, {}, cause);
    }
    case 'time': {
      const message = `${place} ran longer than ${job.timeoutMs} ms and was ended. Raise management.scripting.timeout if it needs more.`;
      return new GatewayError('SCRIPT_TIMEOUT', message, {}, cause);
    }
    case 'statements': {
      const message = `${place} took more than ${job.statements} statements and was ended. Raise management.scripting.statementLimit if it needs more.`;
      return new GatewayError('SCRIPT_LIMIT', message, {}, cause);
    }
    case 'memory': {
      const message = `${place} needed more memory than the ${megabytes(job.memoryBytes)} MiB it may have.`;
      return new GatewayError('SCRIPT_LIMIT', message, {}, cause);
    }
    case 'stack': {
      const message = `${place} calls itself too often, or nests values too deep.`;
      return new GatewayError('SCRIPT_LIMIT', message, {}, cause);
    }
    case 'size': {
      const message = `${place} set a result of more than ${job.resultCharacters} characters of JSON.`;
      return new GatewayError('SCRIPT_LIMIT', message, {}, cause);
    }
  }
}

/** `The script "a.js", in line 3 of its dependency "lib/b.js",` */
function placeOf(name: string, { script, line }: Reply): string {
  if (script === undefined || script === name)
    return `The script "${name}"${line === undefined ? '' : `, in line ${line},`}`;
  const at = line === undefined ? 'in' : `in line ${line} of`;
  return `The script "${name}", ${at} its dependency "${script}",`;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);
