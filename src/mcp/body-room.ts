/** What one request's body takes of the room that all have together. */
export interface Share {
  /** Says that the body has this many bytes by now; false when there is no room for them. */
  grow(bytes: number): boolean;
  /** Gives it all back, once the request has its answer. */
  release(): void;
}

/** Bodies up to this size need no room: small requests are answered whatever the large ones do. */
export const SMALL = 64 * 1024;

/** Room for large bodies, as many bytes as given; what is read of them takes many times as much. */
export function createBodyRoom(most: number): () => Share {
  let taken = 0;
  return function open() {
    let own = 0;
    return {
      grow(bytes) {
        const wanted = Math.max(bytes - SMALL, 0);
        if (taken + wanted - own > most) return false;
        taken += wanted - own;
        own = wanted;
        return true;
      },
      release() {
        taken -= own;
        own = 0;
      },
    };
  };
}
