import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonBody, send } from '../support/http.ts';
import { skip } from './documents.ts';
import { checkReceived } from './received.ts';
import { startStep } from './serving.ts';
import { REST_STEPS, routeStories } from './stories.ts';

for (const file of REST_STEPS) {
  test(`${file}: every route gives what the examples of its APIs say`, { skip }, async (t) => {
    const step = await startStep(t, file);
    const routes = step.gateway.capabilities.flatMap(({ faces }) =>
      faces.flatMap((face) => (face.face === 'rest' ? face.routes : [])),
    );
    const stories = routeStories(file);
    assert.deepEqual(
      routes.map(({ method, path }) => `${method} ${path.replace(/\{\{(\w+)\}\}/g, '{$1}')}`),
      [...new Set(stories.map(({ route }) => route))],
    );
    for (const { route, target, status, body, gives, calls, sends } of stories) {
      const told = `${route}: ${target} ${JSON.stringify(body)}`;
      const answer = await send(step.rest, target, body === undefined ? {} : jsonBody(body));
      assert.equal(answer.status, status, `${told}: ${answer.text}`);
      assert.match(answer.headers['content-type'] ?? '', /^application\/json\b/, told);
      assert.deepEqual(answer.json(), gives, told);
      checkReceived(step.received(), { file, told, calls, sends });
    }
  });
}
