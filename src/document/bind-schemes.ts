import type { FindingCode } from './finding.ts';

/** Where a bind says that its values lie. */
export interface BindLocation {
  /** As the file writes it: `vault://team/app`. */
  readonly location: string;
  /** Absolute path of the capability file. */
  readonly file: string;
  /** The keys that the bind lists: what it reads of the values. */
  readonly keys: readonly string[];
}

/**
 * Gives the values of one location, by key; texts, or what can be written as one. Asked once for each
 * bind while files are loaded. A key without a value is left out. What it throws is shown with the
 * place of the bind, so its message holds no secret.
 */
export type BindScheme = (
  location: BindLocation,
) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;

/** By scheme, in lower case: `vault` reads `vault://…`. */
export type BindSchemes = Readonly<Record<string, BindScheme>>;

export interface FoundValues {
  readonly values: Readonly<Record<string, string>>;
  /** For messages. */
  readonly from: string;
  readonly finding?: {
    readonly code: FindingCode;
    readonly message: string;
    readonly severity: 'error' | 'warning';
  };
}

/** Asks the scheme of a location that is no file. */
export async function readScheme(
  name: string,
  place: BindLocation,
  schemes: BindSchemes,
): Promise<FoundValues> {
  const from = place.location;
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (scheme === undefined) {
    const message =
      `Values at "${name}:" cannot be read, so the variables of this bind have no value. Known are ` +
      `${['file', 'env', ...Object.keys(schemes)].join(', ')}: write "file:///./secrets.yaml" for a file, ` +
      '"env://" for the environment, or give createGateway the scheme as bindSchemes.';
    const finding = { code: 'BIND_LOCATION_UNSUPPORTED', message, severity: 'warning' } as const;
    return { values: {}, from, finding };
  }
  try {
    const values = await scheme(place);
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw new Error('it gave no object of keys and values');
    return { values: texts(values), from };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `The scheme "${name}" cannot read ${from}: ${why.replace(/\.$/, '')}.`;
    return { values: {}, from, finding: { code: 'BIND_UNREADABLE', message, severity: 'error' } };
  }
}

/** The values that a text can hold, as texts. */
export function texts(values: object): Record<string, string> {
  const entries = Object.entries(values as Record<string, unknown>)
    .filter(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))
    .map(([key, item]) => [key, String(item)] as const);
  return Object.fromEntries(entries);
}
