/** `scope` is one text in RFC 9068, `scp` a text or a list elsewhere. */
export function grantedScopes(claims: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(
    [claims.scope, claims.scp]
      .flat()
      .filter((item) => typeof item === 'string')
      .flatMap((item) => item.split(' ')),
  );
}

/** The scopes, those that they include, and what these include. */
export function withIncluded(
  scopes: ReadonlySet<string>,
  includes: Readonly<Record<string, readonly string[]>> | undefined,
): ReadonlySet<string> {
  if (includes === undefined) return scopes;
  const all = new Set(scopes);
  // A set that grows is walked to its new end.
  for (const scope of all) {
    if (!Object.hasOwn(includes, scope)) continue;
    for (const each of includes[scope] ?? []) all.add(each);
  }
  return all;
}
