/** What has changed behind an endpoint since clients last looked. */
export type McpEvent =
  | { readonly kind: 'resourceUpdated'; readonly uri: string }
  | { readonly kind: 'toolsChanged' | 'promptsChanged' | 'resourcesChanged' };

/** Carries changes from whoever sees them to the clients that asked to be told. */
export interface McpEvents {
  emit(event: McpEvent): void;
  /** Gives what ends the listening. */
  listen(listener: (event: McpEvent) => void): () => void;
  /** A client wants to hear of a resource. Gives what takes the wish back; twice is as good as once. */
  want(uri: string): () => void;
  /** Characters of the URIs of all wishes together. */
  wishes(): number;
  /** The resources that at least one client wants to hear of. */
  wanted(): ReadonlySet<string>;
  /** Told when a resource is wanted by a first client, and when no longer by any. */
  onWanted(listener: (uri: string, wanted: boolean) => void): () => void;
}

export function createEvents(): McpEvents {
  const listeners = new Set<(event: McpEvent) => void>();
  const watchers = new Set<(uri: string, wanted: boolean) => void>();
  const wishes = new Map<string, number>();
  let characters = 0;
  const tell = (uri: string, wanted: boolean): void => {
    for (const watcher of watchers) watcher(uri, wanted);
  };
  return {
    emit(event) {
      for (const listener of [...listeners]) listener(event);
    },
    listen: (listener) => kept(listeners, listener),
    want(uri) {
      const before = wishes.get(uri) ?? 0;
      wishes.set(uri, before + 1);
      characters += uri.length;
      if (before === 0) tell(uri, true);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        characters -= uri.length;
        const left = (wishes.get(uri) ?? 1) - 1;
        if (left > 0) wishes.set(uri, left);
        else if (wishes.delete(uri)) tell(uri, false);
      };
    },
    wishes: () => characters,
    wanted: () => new Set(wishes.keys()),
    onWanted: (watcher) => kept(watchers, watcher),
  };
}

/** Wrapped, so that the same function can be kept twice. */
function kept<Args extends readonly unknown[]>(
  all: Set<(...args: Args) => void>,
  listener: (...args: Args) => void,
): () => void {
  const entry = (...args: Args): void => listener(...args);
  all.add(entry);
  return () => void all.delete(entry);
}
