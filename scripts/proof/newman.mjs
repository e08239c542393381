// Newman, the runner of Postman collections: one run, and what each item was answered.
import { installed } from '../clients/cache.mjs';

const NEWMAN = { newman: '6.2.2' };
const REQUEST_TIMEOUT_MS = 20_000;
const RUN_TIMEOUT_MS = 120_000;

/** @returns {Promise<Map<string, { status: number, body: string }>>} by the item's id */
export async function runItems({ items, variable, auth }, baseUrl, token) {
  const { load } = await installed(NEWMAN);
  const { default: newman } = await load('newman');
  const values = { baseUrl, apiKey: `Bearer ${token}`, bearerToken: token };
  const summary = await new Promise((resolve, reject) => {
    newman.run(
      {
        collection: { info: { name: 'proof', schema: SCHEMA }, item: items, variable, auth },
        envVar: Object.entries(values).map(([key, value]) => ({ key, value })),
        reporters: [],
        timeoutRequest: REQUEST_TIMEOUT_MS,
        timeout: RUN_TIMEOUT_MS,
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
  });
  return new Map(
    summary.run.executions.map(({ item, response, requestError }) => [
      item.id,
      {
        status: response?.code ?? 0,
        body: response?.stream?.toString('utf8') ?? String(requestError?.message ?? 'no answer'),
      },
    ]),
  );
}

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
