/**
 * Makes something when it is first asked for, once: packages that most capabilities do without cost
 * more at start than all of our own work.
 */
export function late<Made>(make: () => Made): () => Made {
  let made: { readonly it: Made } | undefined;
  return function get() {
    made ??= { it: make() };
    return made.it;
  };
}
