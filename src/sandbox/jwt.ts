import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>> & { readonly exp: number };

/** Signs and reads JWTs with HS256. Times are seconds since 1970. */
export interface JwtIssuer {
  sign(claims: Claims): string;
  /** The claims of a token that this issuer signed and that has not ended; undefined for any other. */
  read(token: string): Claims | undefined;
  /** From now on no token of before is good. */
  rotate(): void;
}

export function createJwtIssuer(now: () => number): JwtIssuer {
  let key = randomBytes(32);
  const mac = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return {
    sign(claims) {
      const head = encode({ alg: 'HS256', typ: 'JWT' });
      const text = `${head}.${encode(claims)}`;
      return `${text}.${mac(text).toString('base64url')}`;
    },
    read(token) {
      const [head = '', claims = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const right = mac(`${head}.${claims}`);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const read = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
      return read.exp * 1000 > now() ? read : undefined;
    },
    rotate() {
      key = randomBytes(32);
    },
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
