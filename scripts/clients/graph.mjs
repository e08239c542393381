// A capability as large as that of a large API: 1,158 tools with names of up to 82 characters, and
// parameters named as query options and lists are.
const TOOLS = 1158;
const LONGEST = 82;
const AREAS = ['users', 'groups', 'sites', 'drives', 'teams', 'applications', 'devices'];
const NOUNS = ['messages', 'calendarView', 'members', 'permissions', 'attachments', 'extensions'];
const VERBS = ['list', 'get', 'count', 'delta', 'create', 'update'];

/** Tools in file order: the first is the one that is called, the second has the longest name. */
export const GRAPH = { tools: TOOLS, first: nameOf(0), longest: nameOf(1), length: LONGEST };

/** The text of the file. */
export function graphCapability() {
  const indexes = Array.from({ length: TOOLS }, (_, index) => index);
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    info: { label: 'Graph', description: 'Tools of a large API.' },
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'graph',
          description: 'A large API.',
          baseUri: 'http://127.0.0.1:9/v1.0',
          resources: indexes.map((index) => ({
            name: `resource-${index}`,
            path: `/${AREAS[index % AREAS.length]}/{id}/part-${index}`,
            operations: [
              {
                name: `operation-${index}`,
                method: 'GET',
                inputParameters: [
                  { name: 'id', in: 'path' },
                  { name: '$select', in: 'query' },
                  { name: 'fields[]', in: 'query' },
                ],
              },
            ],
          })),
        },
      ],
      exposes: [
        {
          type: 'mcp',
          namespace: 'graph-tools',
          port: 9090,
          description: 'Tools of a large API.',
          tools: indexes.map(toolOf),
        },
      ],
    },
  });
}

function toolOf(index) {
  return {
    name: nameOf(index),
    description: `Reads part ${index} of one of the ${AREAS[index % AREAS.length]}.`,
    inputParameters: [
      { name: 'id', type: 'string', required: true, description: 'Which one.' },
      { name: '$select', type: 'string', required: false, description: 'Properties to give.' },
      { name: 'fields[]', type: 'string', required: false, description: 'Fields to give.' },
    ],
    call: `graph.operation-${index}`,
    with: { id: '{{id}}', $select: '{{$select}}', 'fields[]': '{{fields[]}}' },
  };
}

function nameOf(index) {
  const words = [AREAS, NOUNS, VERBS].map((each) => each[index % each.length]).join('-');
  const name = `${words}-${index}`;
  return index === 1 ? `${name}-`.padEnd(LONGEST, 'by-the-relation-of-its-owner-') : name;
}
