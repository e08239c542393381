import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAccessCheck } from '../access/check.ts';
import type { Refusal } from '../access/refusal.ts';
import type { Admitted, CheckAccess } from '../access/request.ts';
import { GatewayError } from '../errors.ts';
import { RpcError, rpcErrorAnswer, SERVER_ERROR } from '../mcp/rpc-error.ts';
import type { InboundPlan } from '../plan/inbound.ts';
import type { FacePlan } from '../plan/plan.ts';
import { sendProblem } from '../rest/problem.ts';
import { keyFor } from '../sealed.ts';
import { facesOf, type Mount } from './mount.ts';

/** How callers are let in on one port; undefined for a face that is open. */
export type Checks = ReadonlyMap<FacePlan, CheckAccess>;

/** One check for each expose: faces with the same demands keep their nonces and keys apart. */
/** @param secret what several gateways share that let in the same callers */
export function createChecks(mount: Mount, secret: string | undefined): Checks {
  const options =
    secret === undefined ? {} : { nonceKey: keyFor('naftiko digest nonces 1', secret) };
  return new Map(
    facesOf(mount).flatMap(({ plan }) => {
      const { authentication } = plan;
      return authentication === undefined
        ? []
        : [[plan, createAccessCheck(authentication, options)] as const];
    }),
  );
}

/** Whether two exposes let in the same callers, so that one endpoint can serve both. */
export const isSameAccess = (
  one: InboundPlan | undefined,
  other: InboundPlan | undefined,
): boolean => written(one) === written(other);

const written = (plan: InboundPlan | undefined): string | undefined =>
  JSON.stringify(plan, (_, value: unknown) => (typeof value === 'function' ? value() : value));

/** What an answer to a caller who may not come in looks like on a face. */
export type Refuse = (response: ServerResponse, refusal: Refusal) => void;

export function refuseAsProblem(mask: (text: string) => string): Refuse {
  return function refuse(response, refusal) {
    challenge(response, refusal);
    sendProblem(response, errorOf(refusal), mask);
  };
}

/** Clients of MCP read the status and the challenge; the JSON-RPC error is for people. */
export function refuseAsRpc(mask: (text: string) => string): Refuse {
  return function refuse(response, refusal) {
    challenge(response, refusal);
    const text = mask(rpcErrorAnswer(new RpcError(SERVER_ERROR, refusal.message)));
    response.writeHead(refusal.status, [
      'content-type',
      'application/json',
      'content-length',
      String(Buffer.byteLength(text)),
    ]);
    response.end(text);
  };
}

const errorOf = ({ code, message, cause, retryAfter }: Refusal): GatewayError =>
  new GatewayError(code, message, retryAfter === undefined ? {} : { retryAfter }, cause);

function challenge(response: ServerResponse, { challenges, headers }: Refusal): void {
  if (challenges.length > 0) response.setHeader('www-authenticate', [...challenges]);
  setHeaders(response, headers);
}

function setHeaders(response: ServerResponse, headers: readonly string[] = []): void {
  for (let at = 0; at < headers.length; at += 2) {
    response.setHeader(headers[at] as string, headers[at + 1] as string);
  }
}

export interface AccessOptions {
  readonly refuse: Refuse;
  readonly onFailure: (error: GatewayError, request: IncomingMessage) => void;
}

/** Runs `admit` for a caller who may come in, once it is known who; at once where everybody may. */
export function whenAllowed(
  check: CheckAccess | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  { refuse, onFailure }: AccessOptions,
  admit: (caller?: Admitted) => void,
): void {
  if (check === undefined) {
    admit();
    return;
  }
  let caller: Admitted | undefined;
  const remember = (known: Admitted): void => {
    caller = known;
  };
  void check(request, remember).then((refusal) => {
    if (response.destroyed) return;
    if (refusal === undefined) {
      setHeaders(response, caller?.headers);
      admit(caller);
      return;
    }
    onFailure(errorOf(refusal), request);
    refuse(response, refusal);
  });
}
