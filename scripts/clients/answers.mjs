// What the clients say when they are asked, each in the way of its library.
export const ANSWERS = {
  username: 'zoë',
  email: 'zoe@example.com',
  name: 'Zoë',
  color: 'green',
  ok: true,
};
export const SAID = 'a word of the model';
export const ROOT = 'file:///home/zoe/project';

/** A form filled in as its schema asks. */
export function elicited({ requestedSchema }) {
  const keys = Object.keys(requestedSchema.properties);
  return {
    action: 'accept',
    content: Object.fromEntries(keys.map((key) => [key, ANSWERS[key]])),
  };
}

export const sampled = () => ({
  role: 'assistant',
  model: 'none',
  stopReason: 'endTurn',
  content: { type: 'text', text: SAID },
});

export const rooted = () => ({ roots: [{ uri: ROOT, name: 'project' }] });

export const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };
