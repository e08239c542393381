import { answerDigest, type DigestChallenge, readDigestChallenge } from './digest-answer.ts';

export interface DigestSessionRequest {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly uri: string;
  readonly body?: string | Buffer | undefined;
}

/** The Digest credential towards one origin. */
export interface DigestSession {
  /** The `Authorization` value for a request; undefined before the first challenge. */
  authorize(request: DigestSessionRequest): string | undefined;
  /**
   * Takes the `WWW-Authenticate` value of a 401, and the `Authorization` value its request had.
   * True when the request is worth repeating once; false when the server refuses the password.
   */
  challenged(header: string, sent: string | undefined): boolean;
}

/** Keeps the last challenge, so that only the first request needs two turns. */
export function createDigestSession(username: string, password: string): DigestSession {
  let challenge: DigestChallenge | undefined;
  let count = 0;
  return {
    authorize(request) {
      if (challenge === undefined) return undefined;
      count += 1;
      return answerDigest(challenge, { ...request, username, password, count });
    },
    challenged(header, sent) {
      const found = readDigestChallenge(header);
      if (found === undefined) return false;
      const isNew = sent === undefined || found.stale;
      if (found.nonce !== challenge?.nonce) {
        challenge = found;
        count = 0;
      }
      return isNew;
    },
  };
}
