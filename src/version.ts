import { createRequire } from 'node:module';

/** What package.json says of the package. */
export const { version, description } = createRequire(import.meta.url)('#package') as {
  readonly version: string;
  readonly description: string;
};

/** How the gateway names itself to the APIs it calls. */
export const USER_AGENT = `naftiko-gateway/${version}`;
