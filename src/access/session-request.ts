import type { Request } from './repeat.ts';
import type { Grant } from './session-login.ts';

/** The request with what a session is shown by; that takes the place of what has the same name. */
export function withSession(request: Request, { shown }: Pick<Grant, 'shown'>): Request {
  let { path, headers } = request;
  for (const { in: place, name, text } of shown) {
    if (place === 'query') path = withPair(path, name, text);
    else if (place === 'header') headers = [...without(headers, name), name, text];
    else headers = withCookie(headers, name, text);
  }
  return { ...request, path, headers } as Request;
}

const without = (headers: readonly string[], name: string): string[] =>
  headers.filter((_, at) => headers[at - (at % 2)] !== name);

function withPair(path: string, name: string, pair: string): string {
  const mark = path.indexOf('?');
  if (mark === -1) return `${path}?${pair}`;
  const others = path
    .slice(mark + 1)
    .split('&')
    .filter((each) => each !== '' && new URLSearchParams(each).keys().next().value !== name);
  return `${path.slice(0, mark)}?${[...others, pair].join('&')}`;
}

function withCookie(headers: readonly string[], name: string, pair: string): string[] {
  const given = headers.filter((_, at) => at % 2 === 1 && headers[at - 1] === 'cookie');
  const others = given
    .flatMap((line) => line.split(';'))
    .map((each) => each.trim())
    .filter((each) => each !== '' && each.split('=', 1)[0] !== name);
  return [...without(headers, 'cookie'), 'cookie', [...others, pair].join('; ')];
}
