// What travels in every row: an answer of about 2 KB and a request body of about 1 KB, both JSON.
const item = (id) => ({
  id,
  name: `Item ${id}`,
  price: 12.5,
  tags: ['alpha', 'beta', 'gamma'],
  description: 'A thing that is described in a sentence of a usual length, more or less.',
  nested: { created: '2026-01-01T00:00:00Z', owner: { id: 7, name: 'Zoë' }, ok: true },
});

export const ANSWER = JSON.stringify({ items: [1, 2, 3, 4, 5, 6, 7, 8].map(item), total: 8 });
export const BODY = JSON.stringify({ items: [1, 2, 3, 4].map(item) });
export const TOOL_CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'get-item', arguments: { id: '42' } },
});
