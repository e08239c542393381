import type { Finding } from './finding.ts';
import { findingAt } from './finding.ts';
import { respell } from './older.ts';
import type { Source } from './source.ts';
import { nearest } from './suggest.ts';

const VERSION = '1.0.0-alpha2';

/** Versions whose files may differ from the served one by no more than names. */
const READABLE = /^(?:0\.[45](?:\.\d+)?|1\.0\.0(?:-(?:alpha|beta|rc)\.?\d+)?)$/;

export interface VersionCheck {
  readonly findings: readonly Finding[];
  /** The document is of another kind or version, and judging it further would only make noise. */
  readonly unusable: boolean;
  /** The document in the spelling that is served, where that differs from its own. */
  readonly respelled?: unknown;
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
  const root = ['naftiko', 'ikanos'].find((key) => Object.hasOwn(document, key));
  if (root === undefined) return refused(missingVersion(document, source));
  const version = document[root];
  if (root === 'naftiko' && version === VERSION) return { findings: [], unusable: false };
  const known = typeof version === 'string' || typeof version === 'number';
  if (!known || !READABLE.test(String(version)))
    return refused(findingAt(source, 'VERSION_UNKNOWN', `/${root}`, otherVersion(root, version)));
  return readOther(document, root, String(version), source);
}

/** A file of another version is read where it differs by names alone. */
function readOther(
  document: Readonly<Record<string, unknown>>,
  root: string,
  version: string,
  source: Source,
): VersionCheck {
  const { value, renamed, restructured } = respell(document);
  const says = `The file says version ${version}${root === 'naftiko' ? '' : ` under the key "${root}"`}`;
  if (restructured !== undefined) {
    const { pointer, mend } = restructured;
    const message = `${says}, which is written differently: ${mend}. Then say "naftiko: ${VERSION}".`;
    return refused(findingAt(source, 'VERSION_UNKNOWN', pointer, message, { at: 'key' }));
  }
  const names = renamed.length === 0 ? '' : ` Of it ${renamed.join(', ')} here.`;
  const message =
    `${says}; it is read as ${VERSION}.${names} ` +
    `Check it and change the line to "naftiko: ${VERSION}".`;
  const finding = findingAt(source, 'VERSION_UNKNOWN', `/${root}`, message, {
    severity: 'warning',
  });
  const { [root]: _, ...rest } = value;
  return { findings: [finding], unusable: false, respelled: { naftiko: version, ...rest } };
}

const refused = (finding: Finding): VersionCheck => ({ findings: [finding], unusable: true });

function otherVersion(root: string, version: unknown): string {
  const mend = `Files of version ${VERSION} are served: rewrite the file for it, and say "naftiko: ${VERSION}".`;
  if (version === null) return `"${root}" has no value, so the version is not known. ${mend}`;
  if (typeof version === 'object') {
    return `"${root}" holds ${Array.isArray(version) ? 'a list' : 'a mapping'} in place of a version. ${mend}`;
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
