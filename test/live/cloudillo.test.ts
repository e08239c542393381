import assert from 'node:assert/strict';
import test from 'node:test';
import { OWNER, startCloudillo } from '../../src/sandbox/cloudillo.ts';
import { createLedger } from '../stories/ledger.ts';
import { operationsOf } from '../stories/outline.ts';
import { capabilityPath, setStage } from '../stories/serve.ts';
import { bounded } from '../support/http.ts';
import { startFront } from './front.ts';
import { steps, type Told } from './journey.ts';
import { goThrough, untold } from './journeys.ts';
import { session } from './session.ts';

const FILE = capabilityPath('cloudillo-authentication.yaml');
const { idTag, password } = OWNER;
const environment = { CLOUDILLO_ID_TAG: idTag, CLOUDILLO_PASSWORD: password };

// What is asked of a real server is asked of the sandbox of one, so that neither drifts.
for (const face of [0, 1] as const) {
  const called = ['REST', 'MCP'][face] as string;
  test(
    `the journey before a real Cloudillo passes before its sandbox, over ${called}`,
    bounded,
    async (t) => {
      const cloudillo = await startCloudillo(t);
      const ledger = createLedger(operationsOf(FILE));
      const stage = await setStage(t, {
        ...{ file: FILE, story: 'a journey', ledger, environment },
        baseUris: { 'cloudillo-api': cloudillo.api.origin, 'cloudillo-app': cloudillo.app.origin },
      });
      const told: Told[] = [];
      const step = steps(called, (each) => told.push(each));
      cloudillo.owner.refs.add('a-reference');
      const reference = 'a-reference';
      await goThrough({ actor: stage.actors[face], idTag, password, reference, step });
      assert.deepEqual(
        told.filter(({ failure }) => failure !== undefined),
        [],
      );
      assert.deepEqual(untold(ledger.operations, new Set(told.map((each) => each.operation))), []);
    },
  );
}

test('the session before a real Cloudillo passes before its sandbox', bounded, async (t) => {
  const cloudillo = await startCloudillo(t);
  const front = await startFront(t, { url: new URL(cloudillo.api.origin) });
  const stage = await setStage(t, {
    ...{ file: FILE, story: 'a session', ledger: createLedger(operationsOf(FILE)), environment },
    baseUris: { 'cloudillo-api': front.origin, 'cloudillo-app': cloudillo.app.origin },
  });
  const told: Told[] = [];
  await session(
    front,
    stage.actors,
    steps('both', (each) => told.push(each)),
  );
  assert.deepEqual(
    told.filter(({ failure }) => failure !== undefined),
    [],
  );
});
