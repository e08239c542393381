import assert from 'node:assert/strict';
import { readSecrets } from './documents.ts';
import { stepNumber } from './serving.ts';
import type { Received } from './upstream.ts';

interface Wanted {
  readonly file: string;
  /** Words for a message. */
  readonly told: string;
  readonly calls: readonly string[];
  readonly sends: object | undefined;
}

/** Holds what reached the APIs to what should have: calls, credentials, version header, body. */
export function checkReceived(received: readonly Received[], wanted: Wanted): void {
  const { file, told, calls, sends } = wanted;
  assert.deepEqual(received.map(({ api, call }) => `${api} ${call}`).sort(), calls, told);
  const secrets = readSecrets();
  const signed = stepNumber(file) > 2;
  for (const { api, headers, body, status } of received) {
    assert.ok(status === 200 || status === 201, `${told}: an API said ${status}`);
    assert.deepEqual(
      {
        authorization: headers.authorization,
        key: headers['x-dock-key'],
        version: headers['registry-version'],
      },
      api === 'legacy'
        ? { authorization: undefined, key: secrets['dockyard-api-key'], version: undefined }
        : {
            authorization: signed ? `Bearer ${secrets['registry-bearer-token']}` : undefined,
            key: undefined,
            version: signed ? secrets['registry-api-version'] : undefined,
          },
      told,
    );
    assert.deepEqual(body, sends, told);
  }
}
