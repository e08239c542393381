// Capability files of any size.
import fs from 'node:fs';
import path from 'node:path';

const numbers = (count) => Array.from({ length: count }, (_, index) => index);

/** A file of so many routes, /route0/{id} and on; its path. */
export function withRoutes(folder, count) {
  const resources = numbers(count).map(
    (n) => `        - path: /route${n}/{id}
          name: route-${n}
          operations:
            - method: GET
              name: get-item-${n}
              call: bench.get-item
              with: { id: rest.id }
              outputParameters: [{ type: object, mapping: $. }]`,
  );
  const expose = `    - type: rest
      namespace: bench-rest
      port: 8080
      resources:
${resources.join('\n')}
${toolsExpose(1)}`;
  return write(folder, `routes-${count}.yaml`, expose);
}

/** A file of so many tools, and one route. */
export function withTools(folder, count) {
  const expose = `    - type: rest
      namespace: bench-rest
      port: 8080
      resources:
        - path: /2kb/{id}
          name: usual
          operations: [{ method: GET, name: get-item, call: bench.get-item, with: { id: rest.id } }]
${toolsExpose(count)}`;
  return write(folder, `tools-${count}.yaml`, expose);
}

/** A folder of so many files of four operations and about 4 KB each. */
export function withFiles(parent, count) {
  const folder = path.join(parent, `files-${count}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(folder);
  for (const file of numbers(count))
    fs.writeFileSync(path.join(folder, `${file}.yaml`), usual(file));
  return folder;
}

function usual(file) {
  const each = (text) =>
    numbers(4)
      .map((n) => text.replaceAll('#', n))
      .join('');
  return `naftiko: 1.0.0-alpha2
info:
  label: Shop ${file}
  description: Orders, buyers, goods and invoices of one of many shops.
capability:
  consumes:
    - type: http
      namespace: shop-${file}
      baseUri: https://shop${file}.example.com/api
      resources:${each(`
        - name: thing-#
          path: /things#/{{id}}
          operations:
            - name: get-thing-#
              method: GET
              description: Reads a thing of kind # with all that belongs to it.
              inputParameters:
                - name: id
                  in: path
                - name: fields
                  in: query`)}
  exposes:
    - type: rest
      namespace: shop-${file}-rest
      port: 8080
      resources:${each(`
        - name: thing-#
          path: /v1/things#/{{id}}
          operations:
            - method: GET
              name: get-thing-#
              call: shop-${file}.get-thing-#
              with:
                id: shop-${file}-rest.id
                fields: shop-${file}-rest.fields
              outputParameters:
                - type: object
                  mapping: $.`)}
    - type: mcp
      namespace: shop-${file}-mcp
      port: 9090
      tools:${each(`
        - name: get-thing-#
          description: Reads a thing of kind # with all that belongs to it.
          hints:
            readOnly: true
            destructive: false
            idempotent: true
          call: shop-${file}.get-thing-#
          with:
            id: shop-${file}-mcp.id
            fields: shop-${file}-mcp.fields
          outputParameters:
            - type: object
              mapping: $.`)}
`;
}

function toolsExpose(count) {
  const tools = numbers(count).map(
    (n) => `        - name: get-item-${n}
          description: Read item ${n}.
          hints: { readOnly: true }
          call: bench.get-item
          with: { id: tools.id, fields: tools.fields, limit: tools.limit }
          outputParameters: [{ type: object, mapping: $. }]`,
  );
  return `    - type: mcp
      namespace: bench-mcp
      port: 9090
      tools:
${tools.join('\n')}`;
}

function write(folder, name, exposes) {
  const file = path.join(folder, name);
  fs.writeFileSync(
    file,
    `naftiko: 1.0.0-alpha2
info: { label: Bench, description: A file of many entries. }
capability:
  consumes:
    - type: http
      namespace: bench
      baseUri: http://127.0.0.1:1
      resources:
        - name: usual
          path: /2kb/{id}
          operations:
            - name: get-item
              method: GET
              outputRawFormat: json
              inputParameters:
                - { name: id, in: path, type: string, required: true, description: Which item. }
                - { name: fields, in: query, type: array, description: Fields to answer. }
                - { name: limit, in: query, type: integer, description: How many at most. }
  exposes:
${exposes}
`,
  );
  return file;
}
