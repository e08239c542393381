// Newman, the runner of Postman collections: one run, and what each item was answered.
import { installed } from '../clients/cache.mjs';

const NEWMAN = { newman: '6.2.2' };
const REQUEST_TIMEOUT_MS = 20_000;
const RUN_TIMEOUT_MS = 120_000;

/**
 * @param {{ taken: () => object[] }} recorder of what the mock is sent meanwhile
 * @returns {Promise<Map<string, { status: number, body: string, sent: object[] }>>} by the item's id
 */
export async function runItems({ items, variable, auth }, { url, token, recorder }) {
  const { load } = await installed(NEWMAN);
  const { default: newman } = await load('newman');
  const values = { baseUrl: url, apiKey: `Bearer ${token}`, bearerToken: token };
  const sent = new Map();
  recorder.taken();
  const summary = await new Promise((resolve, reject) => {
    const run = newman.run(
      {
        collection: { info: { name: 'proof', schema: SCHEMA }, item: items, variable, auth },
        envVar: Object.entries(values).map(([key, value]) => ({ key, value })),
        reporters: [],
        timeoutRequest: REQUEST_TIMEOUT_MS,
        timeout: RUN_TIMEOUT_MS,
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    // One item is run after the other.
    run.on('request', (_, { item }) => sent.set(item.id, recorder.taken()));
  });
  return new Map(
    summary.run.executions.map(({ item, response, requestError }) => [
      item.id,
      {
        status: response?.code ?? 0,
        body: response?.stream?.toString('utf8') ?? String(requestError?.message ?? 'no answer'),
        sent: sent.get(item.id) ?? [],
      },
    ]),
  );
}

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
