/**
 * A capability like the one of a very large API of many entities: names of several alphabets, up to 82
 * characters, and inputs that no model API takes under their own names.
 */
export const GRAPH_TOOLS = 1_158;

/** `$` and brackets, as the API has them, with the key each is served under. */
export const KEYS: Readonly<Record<string, string>> = {
  $select: 'select',
  $filter: 'filter',
  'fields[]': 'fields',
  '@id': 'id',
  'page[size]': 'page_size',
};

/** Names in file order; no two become alike in letters, digits and underscores. */
export function graphNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const number = String(at).padStart(4, '0');
    if (at % 5 === 0) return `users.messages/${number}`;
    if (at % 5 === 1) return `list-items-${number}`;
    if (at % 5 === 2) return `get_item_${number}`;
    if (at % 5 === 3) return `${number}.drives.GetByPath`;
    return `${`users.calendars.events.${'instances.'.repeat(5)}`.slice(0, 77).padEnd(77, 'x')}-${number}`;
  });
}

/** Text of a capability file with so many tools. */
export function graphCapability(count: number): string {
  const names = graphNames(count);
  const query = Object.keys(KEYS).map((name) => ({
    name,
    in: 'query',
    type: name.endsWith('[]') ? 'array' : name === 'page[size]' ? 'integer' : 'string',
    description: `The ${name} of the query`,
  }));
  const operations = names.map((_, at) => ({
    name: `op-${at}`,
    method: 'GET',
    inputParameters: [{ name: 'item-id', in: 'path', type: 'string', required: true }, ...query],
  }));
  const feeds = Object.fromEntries(
    ['item-id', ...Object.keys(KEYS)].map((name) => [name, `tools.${name}`]),
  );
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'A graph', description: 'Entities and what they hold' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'graph',
          baseUri: 'http://upstream.invalid',
          resources: operations.map((operation, at) => ({
            name: `r-${at}`,
            path: `/entities/${at}/{item-id}`,
            operations: [operation],
          })),
        },
      ],
      exposes: [
        {
          type: 'mcp',
          namespace: 'graph-mcp',
          port: 9090,
          tools: names.map((name, at) => ({
            name,
            description: `Reads entity ${at}`,
            call: `graph.op-${at}`,
            with: feeds,
          })),
        },
      ],
    },
  });
}
