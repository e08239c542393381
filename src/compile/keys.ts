/** What model APIs accept as the key of a tool's input. */
const SAFE_KEY = /^[a-zA-Z0-9_.-]{1,64}$/;

/**
 * A safe key for each input name, in order: the name itself where it is safe, else its letters and
 * digits (`$select` → `select`, `filter[name]` → `filter_name`), with underscores added when taken.
 */
export function assignKeys(names: readonly string[]): readonly string[] {
  const taken = new Set(names.filter((name) => SAFE_KEY.test(name)));
  return names.map((name) => {
    if (SAFE_KEY.test(name)) return name;
    const wanted =
      name
        .replace(/[^a-zA-Z0-9_.-]+/g, '_')
        .replace(/^_+/, '')
        .slice(0, 60)
        .replace(/_+$/, '') || 'input';
    let key = wanted;
    for (let count = 2; taken.has(key); count++)
      key = count <= 4 ? `${key}_` : `${wanted}_${count}`.slice(-64);
    taken.add(key);
    return key;
  });
}
