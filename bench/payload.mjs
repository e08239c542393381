// What travels: documents of about 200 B, 2 KB, 50 KB and 1 MB, all of one shape, and a body of 1 KB.
const item = (id) => ({
  id,
  name: `Item ${id}`,
  price: 12.5,
  tags: ['alpha', 'beta', 'gamma'],
  description: 'A thing that is described in a sentence of a usual length, more or less.',
  nested: { created: '2026-01-01T00:00:00Z', owner: { id: 7, name: 'Zoë' }, ok: true },
});

const items = (count) => Array.from({ length: count }, (_, index) => item(index + 1));

const answer = (count) => ({
  id: 42,
  name: 'Order 42',
  total: count,
  buyer: { id: 7, name: 'Zoë Müller', address: { city: 'Lyon', country: 'FR' } },
  note: 'Leave it with the neighbours, please, if nobody opens.',
  items: items(count),
});

/** The documents by the first segment of the path that answers them. */
export const DOCUMENTS = {
  '200b': answer(0),
  '2kb': answer(8),
  '50kb': answer(206),
  '1mb': answer(4_200),
};
export const BODY = JSON.stringify({ items: items(4) });
export const CREATED = { id: 43, name: 'Order 43', state: 'created', items: 4 };

/** The mappings, by hand; capability.yaml has the same ones. */
export const toObject = ({ id, name, buyer, items: [first] }) => ({
  id,
  name,
  city: buyer.address.city,
  price: first.price,
});
export const toArray = ({ items: all }) =>
  all.map(({ id, name, nested: { owner, created } }) => ({ id, name, owner: owner.name, created }));
