import type { Finding } from './finding.ts';
import { findingAt } from './finding.ts';
import type { Source } from './source.ts';
import { nearest } from './suggest.ts';

const VERSION = '1.0.0-alpha2';
const OLDER_VERSION = '1.0.0-alpha1';

export interface VersionCheck {
  readonly findings: readonly Finding[];
  /** The document is of another kind or version, and judging it further would only make noise. */
  readonly unusable: boolean;
}

/** Whether the document is a capability of a version that is served. */
export function checkVersion(value: unknown, source: Source): VersionCheck {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'a list' : 'a single value';
    const message =
      `The file holds ${found}, but a capability is a mapping that begins with "naftiko: ${VERSION}". ` +
      'Is this a capability file?';
    return refused(findingAt(source, 'NOT_A_CAPABILITY', '', message));
  }
  const document = value as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(document, 'naftiko')) return refused(missingVersion(document, source));
  const version = document.naftiko;
  if (version === VERSION) return { findings: [], unusable: false };
  if (version === OLDER_VERSION) {
    const message =
      `The file says version ${OLDER_VERSION}; it is read as ${VERSION}. ` +
      `Check it and change the line to "naftiko: ${VERSION}".`;
    const finding = findingAt(source, 'VERSION_UNKNOWN', '/naftiko', message, {
      severity: 'warning',
    });
    return { findings: [finding], unusable: false };
  }
  return refused(findingAt(source, 'VERSION_UNKNOWN', '/naftiko', otherVersion(version)));
}

const refused = (finding: Finding): VersionCheck => ({ findings: [finding], unusable: true });

function otherVersion(version: unknown): string {
  const mend = `Files of version ${VERSION} are served: rewrite the file for it, and say "naftiko: ${VERSION}".`;
  if (version === null) return `"naftiko" has no value, so the version is not known. ${mend}`;
  if (typeof version === 'object') {
    return `"naftiko" holds ${Array.isArray(version) ? 'a list' : 'a mapping'} in place of a version. ${mend}`;
  }
  const shown = String(version).slice(0, 40);
  const read = typeof version === 'string' ? `"${shown}"` : `the ${typeof version} ${shown}`;
  return `The file says version ${read}, which is not known. ${mend}`;
}

function missingVersion(document: Readonly<Record<string, unknown>>, source: Source): Finding {
  const keys = Object.keys(document);
  const begin = `begin it with "naftiko: ${VERSION}"`;
  for (const other of ['openapi', 'swagger', 'asyncapi', 'arazzo']) {
    if (!Object.hasOwn(document, other)) continue;
    const message =
      `This is a document of another kind: it begins with "${other}". ` +
      'Name a capability file, which consumes such an API.';
    return findingAt(source, 'NOT_A_CAPABILITY', `/${other}`, message, { at: 'key' });
  }
  if (Object.hasOwn(document, 'ikanos')) {
    const shown = String(document.ikanos).slice(0, 40);
    const message =
      `The file says "ikanos: ${shown}", the later language of another engine, which is not known here. ` +
      `Rewrite it for version ${VERSION} and ${begin}.`;
    return findingAt(source, 'VERSION_UNKNOWN', '/ikanos', message, { at: 'key' });
  }
  const slip = keys.find((key) => nearest(key, ['naftiko']) !== undefined);
  if (slip !== undefined) {
    const message = `The file has no key "naftiko", so its version is not known; it has "${slip}". Write "naftiko: ${VERSION}".`;
    return findingAt(source, 'VERSION_UNKNOWN', `/${slip}`, message, {
      at: 'key',
      suggestion: 'naftiko',
    });
  }
  if (['capability', 'consumes', 'binds', 'info'].some((key) => Object.hasOwn(document, key))) {
    const message = `The file says no version. Add a first line: naftiko: ${VERSION}`;
    return findingAt(source, 'VERSION_UNKNOWN', '', message);
  }
  const message =
    `The file has neither "naftiko" nor "capability". If it is meant to be a capability, ${begin}; ` +
    'else leave it out.';
  return findingAt(source, 'NOT_A_CAPABILITY', '', message);
}
