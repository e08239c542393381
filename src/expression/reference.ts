/**
 * The input that a reference names: `rest.body.command` is `body.command` where `rest` is a root.
 * Only the root is split off, since names hold dots. undefined when no root leads the text.
 */
export function inputNameOf(reference: string, roots: readonly string[]): string | undefined {
  const root = roots.find(
    (each) => reference.startsWith(`${each}.`) && reference.length > each.length + 1,
  );
  return root === undefined ? undefined : reference.slice(root.length + 1);
}
