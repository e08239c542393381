import type { CompileOptions } from '../compile/compilation.ts';
import type { BindSchemes } from '../document/bind-schemes.ts';
import type { Log } from '../log.ts';
import type { Siblings } from './siblings.ts';

/** Everything a gateway can be told beside the capability files themselves. All of it is optional. */
export interface GatewayOptions {
  /** Capability files, or folders searched for `*.yaml` and `*.yml`. */
  readonly files: readonly string[];
  /** Address every listener binds, in place of each file's `address` (default 127.0.0.1). */
  readonly host?: string;
  /** Port of one expose, by its namespace; 0 takes a free one. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Port of every REST expose that `ports` does not name. */
  readonly restPort?: number;
  /** Port of every MCP expose that `ports` does not name. */
  readonly mcpPort?: number;
  /** Base URI of a consumes namespace, in place of the file's. */
  readonly baseUris?: Readonly<Record<string, string>>;
  /** `<address>` or `<address>:<port>` that connections to an upstream host, or `<host>:<port>`, go to. */
  readonly connectTo?: Readonly<Record<string, string>>;
  /** Variables in place of `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Reads binds whose location has another scheme than `file` and `env`, by scheme. */
  readonly bindSchemes?: BindSchemes;
  /** A dotenv file; the environment wins over it. */
  readonly envFile?: string;
  /** Mounts each REST expose under `/<namespace>`. */
  readonly prefix?: boolean;
  /** Leaves files out that cannot be served, and serves the rest. */
  readonly keepGoing?: boolean;
  /** Folders beside those of the capability files that imported files may lie in. */
  readonly allowImport?: readonly string[];
  /** Lets script steps run also where the file does not say so. */
  readonly allowScripts?: boolean;
  /** What runs scripts in Python: the package `pyodide`, else a file URL of it. */
  readonly python?: string;
  /** Serves a mock of every consumed API in this process. */
  readonly mock?: boolean;
  /** Serves stand-ins of the systems that the files call in this process: those that it has. */
  readonly sandbox?: boolean;
  /** OpenAPI documents the mock answers from, by consumes namespace. */
  readonly mockOpenapi?: Readonly<Record<string, string>>;
  /** Caller headers that REST hands on upstream. */
  readonly forwardHeaders?: readonly string[];
  readonly toolNames?: CompileOptions['toolNames'];
  /** Write out what local references of published schemas name, for clients that follow none. */
  readonly inlineRefs?: boolean;
  readonly ambiguousCalls?: CompileOptions['ambiguousCalls'];
  /** Milliseconds an upstream call may take in all; 50,000. */
  readonly timeout?: number;
  /** Milliseconds an event stream, or a forwarded answer of no known length, may be silent; 3,600,000; 0 for any. */
  readonly streamTimeout?: number;
  /** Connections to one upstream host at once, for requests that may be repeated, and for others; 512. */
  readonly maxConnections?: number;
  /** Milliseconds that an unused connection to an upstream is kept where that does not say; 50,000. */
  readonly keepAlive?: number;
  /** Largest request body, in bytes; 10 MiB. */
  readonly maxBody?: number;
  /** Largest upstream answer that is held in memory, in bytes; 16 MiB. */
  readonly maxAnswer?: number;
  /** Characters that the answer of an MCP tool may have where its file does not say; 150,000. 0 is no limit. */
  readonly maxAnswerChars?: number;
  /** The same in tokens, estimated; 0 is no limit, as is none. */
  readonly maxAnswerTokens?: number;
  /** Largest answer that a tool or a resource gives as binary content, in bytes; 10 MiB. */
  readonly maxBinary?: number;
  /** Milliseconds that running requests get to end when the gateway stops; 10,000. */
  readonly stopTimeout?: number;
  /** Milliseconds that the head of a request may take to arrive; 30,000. */
  readonly headersTimeout?: number;
  /** Milliseconds that a request may take to arrive as a whole; 300,000. */
  readonly requestTimeout?: number;
  /** Milliseconds that an answer waits for a client who takes none of it; 120,000. */
  readonly unreadTimeout?: number;
  /** Entries on a page of what MCP lists; all of them when absent. */
  readonly pageSize?: number;
  /** Milliseconds that MCP clients may keep lists for; 60,000. */
  readonly listTtl?: number;
  /**
   * Secret that what is kept with MCP clients is sealed with, sessions among it, the same for all
   * gateways that serve them; in the environment NAFTIKO_STATE_KEY. One of this process alone when there is none.
   */
  readonly stateKey?: string;
  /**
   * Whose answers are kept: those that files declare, which is usual; those as well whose headers allow
   * it; or none at all.
   */
  readonly cache?: 'declared' | 'headers' | 'off';
  /** Milliseconds that an answer is kept where neither the file nor its headers say; 60,000. */
  readonly cacheTtl?: number;
  /** Bytes of kept answers; 64 MiB. */
  readonly cacheSize?: number;
  /**
   * The Redis through which gateways share limits, kept answers and sessions; in the environment
   * NAFTIKO_REDIS_URL. It needs a state key. Each has its own when there is none.
   */
  readonly redis?: string;
  /**
   * HOST:PORT at which other gateways with the same state key reach this one, so that requests of an MCP
   * session get to whichever holds it. It opens the port.
   */
  readonly advertise?: string;
  /** How often each caller may ask; all of them hold. */
  readonly rateLimit?: readonly { readonly requests: number; readonly perSeconds: number }[];
  /** Proxies in front, whose `X-Forwarded-For` tells whom they were called by; 0. */
  readonly trustProxy?: number;
  /** Calls of consumed APIs that may be under way at once, over all; any number when absent. */
  readonly maxCalls?: number;
  /** Host names beside the loopback ones that requests may name. */
  readonly allowedHosts?: readonly string[];
  /** Origins of web pages that may call. */
  readonly allowedOrigins?: readonly string[];
  /** Serves the MCP tools on stdin and stdout instead of a port; REST exposes are left out. */
  readonly stdio?: boolean;
  /**
   * Counts and measures requests, calls and what they cause upstream. When absent: where a control
   * expose shows it.
   */
  readonly metrics?: boolean;
  /** Other processes that serve the same ports. */
  readonly siblings?: Siblings;
  readonly log?: Log;
}
