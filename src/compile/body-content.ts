import type { Scope } from '../plan/plan.ts';
import type { Refuse } from './encode.ts';

export interface Content {
  readonly bytes: string | Buffer;
  /** The media type to declare when no header does; undefined says none. */
  readonly type: string | undefined;
  /** Of a multipart body, which has to be declared whatever a header says. */
  readonly boundary?: string;
}

/** Writes the request body of one call; undefined when there is none to send. */
export type BuildBody = (
  scope: Scope,
  contentType: string | undefined,
  refuse: Refuse,
) => Content | undefined;

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';
