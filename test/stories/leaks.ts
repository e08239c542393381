import assert from 'node:assert/strict';

/** The forms in which a secret may stand in a text, by name. */
function formsOf(secret: string): readonly (readonly [form: string, text: string])[] {
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const forms: readonly (readonly [string, string])[] = [
    ['plain', secret],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['base64', base64],
    ['base64 URL-encoded', encodeURIComponent(base64)],
    ['base64url', Buffer.from(secret, 'utf8').toString('base64url')],
  ];
  return forms;
}

/** That none of the secrets stands in any of the texts, in any form. */
export function assertNoLeak(
  secrets: readonly string[],
  texts: Readonly<Record<string, string>>,
): void {
  assert.ok(secrets.length > 0, 'there are no secrets to look for');
  for (const secret of secrets) {
    for (const [form, text] of formsOf(secret)) {
      for (const [where, said] of Object.entries(texts)) {
        const at = said.indexOf(text);
        if (at !== -1)
          assert.fail(
            `a secret (${form}) stands in ${where}: …${said.slice(Math.max(0, at - 60), at)}⟨here⟩`,
          );
      }
    }
  }
}
