/** The public surface of the package; everything else may change without notice. */
export type { BindLocation, BindScheme, BindSchemes } from './document/bind-schemes.ts';
export type { Finding, FindingCode, Severity } from './document/finding.ts';
export { type LoadedFile, type LoadedFiles, type LoadOptions, loadFiles } from './document/load.ts';
export { createGateway, type Gateway, StartError } from './gateway/gateway.ts';
export { OptionError } from './gateway/namespaces.ts';
export type { GatewayOptions } from './gateway/options.ts';
export { createLog, type Log, type LogFormat, type LogLevel, type LogOptions } from './log.ts';
