/**
 * Capabilities in the published language that together use every property of its schema. Nothing here
 * is sent: what is compiled of them is compared with what is compiled of them with one value changed.
 */
export interface Example {
  readonly capability: string;
  /** Files that lie beside it. */
  readonly files?: Readonly<Record<string, string>>;
  /** The published schema takes less than we do. */
  readonly beyond?: boolean;
}

const head = `naftiko: 1.0.0-alpha2
info: {label: Fleet, description: All ships}
`;

/** A consumed API whose operations the other examples call. */
const ships = `
  consumes:
  - type: http
    namespace: api
    baseUri: https://ships.example/v1
    resources:
    - name: ships
      path: /ships
      operations:
      - {name: list, method: GET}
      - name: add
        method: POST
        inputParameters: [{name: note, in: body}]
    - name: ship
      path: /ships/{{id}}
      operations:
      - {name: get, method: GET, inputParameters: [{name: id, in: path}, {name: lang, in: query}]}
`;

export const EXAMPLES: Readonly<Record<string, Example>> = {
  'what a file says of itself': {
    // It takes consumed APIs at the root or a capability; we take both.
    beyond: true,
    capability: `naftiko: 1.0.0-alpha2
info:
  label: Fleet
  description: All ships
  tags: [ships, crews]
  created: 2025-01-02
  modified: 2025-03-04
  stakeholders:
  - {role: owner, fullName: Ann Lee, email: ann@ships.example}
  - {role: reader, fullName: Bob Ray}
binds:
- namespace: env
  description: Of the process
  keys: {TOKEN: FLEET_TOKEN}
- namespace: file
  description: Of a file
  location: file:///./secrets.yaml
  keys: {KEY: key}
consumes:
- type: http
  namespace: shared
  baseUri: https://shared.example
  resources:
  - {name: all, path: /all, operations: [{name: list, method: GET}]}
- location: file:///./other.yaml
  import: others
  as: theirs
  description: What others have
capability:
  binds:
  - namespace: more
    description: Of the capability
    keys: {MORE: FLEET_MORE}
  consumes:
  - type: http
    namespace: api
    description: The registry
    baseUri: https://ships.example/v1
    inputParameters:
    - {name: x-token, in: header, value: '{{TOKEN}}'}
    - {name: REGION, in: environment}
    - {name: x-region, in: header, value: '{{REGION}} {{MORE}}'}
    authentication: {type: bearer, token: '{{KEY}}'}
    resources:
    - name: ships
      label: Ships
      description: Every ship
      path: /ships
      inputParameters: [{name: page, in: query}]
      operations:
      - name: list
        label: List ships
        description: Lists ships
        method: GET
        inputParameters:
        - {name: q, in: query}
        - {name: theme, in: cookie, value: dark}
      - name: plain
        method: GET
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools:
    - {name: list, description: Lists, call: api.list}
    - {name: all, description: All, call: shared.list}
    - {name: theirs, description: Theirs, call: theirs.list}
`,
    files: {
      'secrets.yaml': 'key: k-1\nkeyx: k-2\n',
      'secrets.yamlx': 'key=k-3\n',
      'other.yaml': `naftiko: 1.0.0-alpha2
info: {label: Others, description: Others}
consumes:
- type: http
  namespace: others
  baseUri: https://others.example
  resources:
  - {name: all, path: /all, operations: [{name: list, method: GET}]}
`,
    },
  },

  'requests and answers of a consumed API': {
    capability: `${head}capability:
  consumes:
  - type: http
    namespace: api
    baseUri: https://ships.example
    resources:
    - name: bodies
      path: /bodies
      operations:
      - {name: json, method: POST, inputParameters: [{name: a, in: body}], body: {type: json, data: {a: '{{a}}'}}}
      - {name: text, method: POST, inputParameters: [{name: a, in: body}], body: {type: text, data: 'a {{a}}'}}
      - {name: form, method: POST, inputParameters: [{name: a, in: body}], body: {type: formUrlEncoded, data: {a: '{{a}}'}}}
      - name: parts
        method: POST
        inputParameters: [{name: a, in: body}]
        body:
          type: multipartForm
          data:
          - {name: doc, value: '{{a}}', filename: doc.txt, contentType: text/plain}
      - {name: raw, method: POST, inputParameters: [{name: a, in: body}], body: '{"a": "{{a}}"}'}
    - name: answers
      path: /answers
      operations:
      - {name: xml, method: GET, outputRawFormat: xml}
      - {name: html, method: GET, outputRawFormat: html, outputSchema: '#t'}
      - name: named
        method: GET
        outputParameters:
        - {name: deep, type: string, value: $.place.city}
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools:
    - {name: json, description: J, call: api.json}
    - {name: text, description: T, call: api.text}
    - {name: form, description: F, call: api.form}
    - {name: parts, description: P, call: api.parts}
    - {name: raw, description: R, call: api.raw}
    - {name: xml, description: X, call: api.xml, outputParameters: [{type: object, mapping: $, properties: {item: {type: string, mapping: '$.item[0]'}}}]}
    - {name: html, description: H, call: api.html, outputParameters: [{type: array, mapping: $.tables, items: {type: object, mapping: $, properties: {}}}]}
    - name: named
      description: N
      steps:
      - {type: call, name: one, call: api.named}
      outputParameters:
      - {name: deep, type: string}
`,
  },

  'a REST expose': {
    capability: `${head}capability:
${ships}
  exposes:
  - type: rest
    namespace: web
    address: 127.0.0.1
    port: 8080
    authentication: {type: basic, username: ann, password: lee}
    resources:
    - name: ships
      label: Ships
      description: Every ship
      path: /ships/{id}
      inputParameters:
      - {name: id, in: path, type: string, description: Its number, pattern: '^[A-Z]'}
      operations:
      - name: get-ship
        label: A ship
        description: Gets a ship
        method: GET
        inputParameters:
        - {name: lang, in: query, type: string, description: Language}
        - {name: fixed, in: query, type: string, description: Fixed, value: set}
        call: api.get
        with: {id: web.id, lang: '{{lang}} {{fixed}}'}
        outputParameters:
        - type: object
          mapping: $.place
          properties:
            city: {type: string, mapping: $.city}
            zip: {type: number, mapping: $.zip}
            on: {type: boolean, mapping: $.on}
            made: {type: string, mapping: $.zip, const: here}
            one: {type: number, mapping: $.zip, const: 1}
            yes: {type: boolean, mapping: $.on, const: true}
            said: {type: string, value: said}
            some: {type: number, value: '5'}
            no: {type: boolean, value: 'false'}
            all: {type: array, mapping: $.all, items: {type: string, mapping: $}}
            pair: {type: array, const: [a], items: {type: string, mapping: $}}
            list: {type: array, value: '["v"]', items: {type: string, mapping: $}}
            kept: {type: object, const: {a: b}, properties: {a: {type: string, mapping: $.a}}}
            put: {type: object, value: '{"a": "b"}', properties: {a: {type: string, mapping: $.a}}}
      - name: joined
        method: POST
        steps:
        - {type: call, name: first, call: api.get, with: {id: '{{id}}'}}
        mappings:
        - {targetName: city, value: $.first.place.city}
        - {targetName: crew, value: $.first.crew}
        - {targetName: boss, value: '$.first.crew[0]'}
        outputParameters:
        - {name: city, type: string}
        - {name: crew, type: array, items: [{name: one, type: object, properties: {name: {name: name, type: string}}}]}
        - {name: boss, type: object, properties: {name: {name: name, type: string}}}
      - {name: shared, method: PUT, ref: fleet.get}
    - path: /any
      forward: {targetNamespace: api, trustedHeaders: [x-trace, x-span]}
  aggregates:
  - label: Fleet functions
    namespace: fleet
    functions:
    - {name: get, description: Gets, call: api.list}
`,
  },

  'values without a call': {
    capability: `${head}capability:
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools:
    - name: mock
      description: Answers by itself
      outputParameters:
      - {name: city, type: string, value: Brest}
      - {name: age, type: number, value: '5'}
`,
  },

  'an MCP expose': {
    capability: `${head}capability:
${ships}
  exposes:
  - type: mcp
    transport: http
    namespace: kit
    description: For agents
    address: 127.0.0.1
    port: 9090
    authentication: {type: apikey, key: X-Key, value: abc, placement: header}
    tools:
    - name: get-ship
      label: A ship
      description: Gets a ship
      inputParameters:
      - {name: id, type: string, description: Its number}
      - {name: lang, type: string, description: Language, required: false}
      call: api.get
      with: {id: '{{id}}', lang: '{{lang}}!'}
      hints: {readOnly: false, destructive: true, idempotent: false, openWorld: false}
      outputParameters:
      - {type: string, mapping: $.name}
    - name: two
      description: Two steps
      inputParameters: [{name: id, type: string, description: Its number}]
      steps:
      - {type: call, name: first, call: api.get, with: {id: '{{id}}'}}
      mappings: [{targetName: city, value: $.first.place.city}]
      outputParameters: [{name: city, type: string}]
    - {name: own-name, description: Own words, ref: fleet.get}
    resources:
    - name: ship
      label: A ship
      uri: ship://{id}
      description: One ship
      mimeType: application/json
      call: api.get
      with: {id: '{{id}}', lang: en}
      outputParameters: [{type: string, mapping: $.name}]
    - name: chained
      label: A chain
      uri: chain://all
      description: Steps
      steps:
      - {type: call, name: first, call: api.list}
      mappings: [{targetName: city, value: $.first.place.city}]
      outputParameters: [{name: city, type: string}]
    - name: guide
      label: Guides
      uri: docs://guide
      description: Files
      location: file:///./docs
    prompts:
    - name: ask
      label: Ask
      description: Asks
      arguments:
      - {name: topic, label: Topic, description: What about, required: false}
      template:
      - {role: user, content: 'Tell me of {{topic}}'}
    - name: filed
      label: Filed
      description: From a file
      location: file:///./prompt.md
  - type: mcp
    transport: stdio
    namespace: pipe
    tools: [{name: all, description: Lists, call: api.list}]
  aggregates:
  - label: Fleet functions
    namespace: fleet
    functions:
    - name: get
      description: Gets
      semantics: {safe: true, idempotent: true}
      inputParameters: [{name: number, type: string, description: Its number}]
      call: api.get
      with: {id: fleet.number}
      outputParameters: [{type: string, mapping: $.name}]
    - name: chain
      description: Chains
      steps:
      - {type: call, name: first, call: api.list}
      mappings: [{targetName: city, value: $.first.place.city}]
      outputParameters: [{name: city, type: string}]
`,
    files: { 'docs/a.md': '# A\n', 'prompt.md': 'Say hello.\n', 'prompt.mdx': 'Say bye.\n' },
  },

  'functions that are referred to': {
    capability: `${head}capability:
${ships}
  aggregates:
  - label: Fleet functions
    namespace: fleet
    functions:
    - name: chain
      description: Chains
      semantics: {safe: false, idempotent: false, cacheable: true}
      steps:
      - {type: call, name: first, call: api.list}
      mappings: [{targetName: city, value: $.first.place.city}]
      outputParameters: [{name: city, type: string}]
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools: [{name: own-name, description: Own words, ref: fleet.chain}]
`,
  },

  'steps and lookups': {
    capability: `${head}capability:
${ships}
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools:
    - name: find
      description: Finds
      inputParameters: [{name: id, type: string, description: Its number}]
      steps:
      - {type: call, name: crew, call: api.get, with: {id: '{{id}}', lang: 5}}
      - {type: lookup, name: match, index: crew, match: id, lookupValue: '$.crew.id', outputParameters: [name, age]}
      mappings:
      - {targetName: who, value: $.match}
      - {targetName: lang, value: $.crew.name}
      outputParameters:
      - {name: who, type: object, properties: {name: {name: name, type: string}}}
      - {name: lang, type: string}
`,
  },

  'scripts and who governs them': {
    capability: `${head}capability:
${ships}
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    tools:
    - name: made
      description: Made by scripts
      inputParameters: [{name: id, type: string, description: Its number}]
      steps:
      - {type: call, name: ship, call: api.get, with: {id: '{{id}}'}}
      - {type: script, name: own, language: javascript, location: 'file:///./scripts', file: own.js, dependencies: [lib.js], with: {ship: $.ship.name}}
      - {type: script, name: default, file: plain}
      mappings:
      - {targetName: own, value: $.own}
      - {targetName: default, value: $.default}
      outputParameters:
      - {name: own, type: string}
      - {name: default, type: string}
  - type: control
    port: 9100
    management:
      scripting:
        enabled: true
        defaultLocation: file:///./defaults
        defaultLanguage: javascript
        timeout: 1000
        statementLimit: 5000
        allowedLanguages: [javascript]
`,
    files: {
      'scripts/own.js': 'result = helped(context.ship);\n',
      'scripts/lib.js': 'function helped(name) { return name; }\n',
      'defaults/plain': 'result = 1;\n',
    },
  },

  'skills and control': {
    capability: `${head}capability:
${ships}
  exposes:
  - type: rest
    namespace: web
    port: 8080
    resources:
    - path: /ships
      operations: [{name: list, method: GET, call: api.list}, {name: more, method: POST, call: api.add}]
  - type: skill
    namespace: skills
    description: What agents learn
    address: 127.0.0.1
    port: 8090
    authentication: {type: digest, username: ann, password: lee}
    skills:
    - name: fleet
      description: About ships
      license: Apache-2.0
      compatibility: any
      metadata: {team: fleet}
      allowed-tools: list
      argument-hint: '[ship]'
      user-invocable: false
      disable-model-invocation: true
      location: file:///./skills
      tools:
      - {name: list, description: Lists, from: {sourceNamespace: web, action: list}}
      - {name: guide, description: Guides, instruction: guide.md}
  - type: control
    address: 127.0.0.1
    port: 9100
    authentication: {type: bearer, token: abc}
    management:
      health: true
      info: true
      reload: true
      validate: true
      logs: {level-control: true, stream: true, max-subscribers: 3}
    observability:
      enabled: true
      metrics: {local: {enabled: true}}
      traces: {sampling: 0.5, propagation: b3, local: {enabled: true, buffer-size: 50}}
      exporters: {otlp: {endpoint: 'http://127.0.0.1:4318'}}
`,
    files: { 'skills/guide.md': '# Guide\n', 'skills/SKILL.md': '# Skill\n' },
  },

  'a token of an authorization server': {
    // Its schema has no key for the client that asks for tokens.
    beyond: true,
    capability: `${head}capability:
  consumes:
  - type: http
    namespace: api
    baseUri: https://ships.example
    authentication:
      type: oauth2
      authorizationServerUri: https://login.example
      resource: https://ships.example
      tokenEndpoint: https://login.example/token
      clientId: fleet
      clientSecret: hush
    resources: [{name: r, path: /r, operations: [{name: get, method: GET}]}]
  exposes:
  - {type: mcp, namespace: kit, port: 9090, tools: [{name: get, description: Gets, call: api.get}]}
`,
  },

  credentials: {
    capability: `${head}capability:
  consumes:
  - {type: http, namespace: one, baseUri: https://one.example, authentication: {type: basic, username: a, password: b}, resources: [{name: r, path: /r, operations: [{name: get, method: GET}]}]}
  - {type: http, namespace: two, baseUri: https://two.example, authentication: {type: apikey, key: k, value: v, placement: query}, resources: [{name: r, path: /r, operations: [{name: get, method: GET}]}]}
  - {type: http, namespace: three, baseUri: https://three.example, authentication: {type: digest, username: a, password: b}, resources: [{name: r, path: /r, operations: [{name: get, method: GET}]}]}
  exposes:
  - type: mcp
    namespace: kit
    port: 9090
    authentication:
      type: oauth2
      authorizationServerUri: https://login.example
      resource: https://fleet.example
      audience: fleet
      scopes: [read, write]
      tokenValidation: jwks
    tools:
    - {name: one, description: One, call: one.get}
    - {name: two, description: Two, call: two.get}
    - {name: three, description: Three, call: three.get}
`,
  },
};

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  FLEET_TOKEN: 't-1',
  FLEET_TOKENx: 't-2',
  FLEET_MORE: 'm-1',
  REGION: 'eu',
};
