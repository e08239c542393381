import type { AdminAddress } from '../admin/server.ts';
import type { ToolNames } from '../compile/tool-name.ts';
import type { GatewayOptions } from '../gateway/options.ts';
import type { LogFormat, LogLevel } from '../log.ts';

/** The flags of `naftiko run` as commander reads them. */
export interface RunFlags {
  readonly host?: string;
  readonly port?: Readonly<Record<string, number>>;
  readonly restPort?: number;
  readonly mcpPort?: number;
  readonly stdio?: boolean;
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly connectTo?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly prefix?: boolean;
  readonly keepGoing?: boolean;
  readonly mock?: boolean;
  readonly sandbox?: boolean;
  readonly mockOpenapi?: Readonly<Record<string, string>>;
  readonly forwardHeader?: readonly string[];
  readonly timeout?: number;
  readonly streamTimeout?: number;
  readonly maxConnections?: number;
  readonly keepAlive?: number;
  readonly maxBody?: number;
  readonly maxAnswer?: number;
  readonly maxAnswerChars?: number;
  readonly maxAnswerTokens?: number;
  readonly maxBinary?: number;
  readonly stopTimeout?: number;
  readonly workers?: number;
  readonly admin?: AdminAddress;
  readonly pageSize?: number;
  readonly listTtl?: number;
  readonly stateKey?: string;
  readonly advertise?: string;
  readonly cache: 'declared' | 'headers' | 'off';
  readonly cacheTtl?: number;
  readonly cacheSize?: number;
  readonly redis?: string;
  readonly rateLimit?: NonNullable<GatewayOptions['rateLimit']>;
  readonly trustProxy?: number;
  readonly maxCalls?: number;
  readonly allowImport?: readonly string[];
  readonly allowScripts?: boolean;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly inlineRefs?: boolean;
  readonly toolNames: ToolNames;
  readonly ambiguousCalls: 'first' | 'nearest';
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export function gatewayOptions(files: readonly string[], flags: RunFlags): GatewayOptions {
  const {
    port: ports = {},
    baseUri: baseUris = {},
    forwardHeader: forwardHeaders = [],
    allowHost: allowedHosts = [],
    allowOrigin: allowedOrigins = [],
    logLevel: _,
    logFormat: __,
    workers: ___,
    admin,
    ...same
  } = flags;
  return {
    ...same,
    files,
    ports,
    baseUris,
    forwardHeaders,
    allowedHosts,
    allowedOrigins,
    ...(admin === undefined ? {} : { metrics: true }),
    mock: flags.mock === true || flags.mockOpenapi !== undefined,
  };
}
