import assert from 'node:assert/strict';
import { until } from '../support/http.ts';
import { fields, overBothFaces, refuses } from './cloudillo-scene.ts';

for (const mode of ['documents', 'real'] as const) {
  const isReal = mode === 'real';

  overBothFaces('QR login', { mode }, async (actor, { cloudillo }) => {
    const begin = async () => fields(await actor.call('init-qr-login')) as Record<string, string>;
    const { sessionId: session_id, secret } = await begin();
    const mine = { session_id, 'x-qr-secret': secret };
    await refuses(
      actor.call('poll-qr-login', { session_id, timeout: 0, 'x-qr-secret': 'guessed' }),
      404,
    );
    const soon = await actor.call('poll-qr-login', { ...mine, timeout: 0 });
    assert.deepEqual(soon.value, { status: 'pending' });
    const asked = cloudillo.api.count('GET /api/auth/qr-login/{session_id}/status');
    const poll = actor.call('poll-qr-login', { ...mine, timeout: 30 });
    await until(() => cloudillo.api.count('GET /api/auth/qr-login/{session_id}/status') > asked);
    const details = fields(await actor.call('get-qr-login-details', { session_id }));
    assert.ok(isReal ? details.ipAddress : details.idTag);
    const said = await actor.call('respond-qr-login', { session_id, approved: true });
    assert.deepEqual(said.value, { status: 'approved' });
    const approved = fields(await poll) as {
      readonly status: string;
      readonly login: { token: string };
    };
    assert.equal(approved.status, 'approved');
    assert.equal(approved.login.token.split('.').length, 3);
    await refuses(actor.call('poll-qr-login', { ...mine, timeout: 0 }), 404);
    await refuses(actor.call('respond-qr-login', { session_id, approved: true }), 404);

    const other = await begin();
    const denied = { session_id: other.sessionId };
    assert.deepEqual((await actor.call('respond-qr-login', { ...denied, approved: false })).value, {
      status: 'denied',
    });
    await refuses(actor.call('respond-qr-login', { ...denied, approved: true }), 400);
    const seen = await actor.call('poll-qr-login', {
      ...denied,
      'x-qr-secret': other.secret,
      timeout: 1,
    });
    assert.deepEqual(seen.value, { status: 'denied' });

    const late = await begin();
    cloudillo.pass(301);
    const over = await actor.call('poll-qr-login', {
      session_id: late.sessionId,
      'x-qr-secret': late.secret,
      timeout: 0,
    });
    assert.deepEqual(over.value, { status: 'expired' });
    await refuses(actor.call('poll-qr-login', { ...mine, timeout: 31 }), 400, /timeout/);
  });
}
