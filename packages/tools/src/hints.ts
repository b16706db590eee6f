import type { Hints } from './action.ts';

/** The kinds of actions there are, by what they do to the world. */
export const hints = {
  /** Looks, and changes nothing. */
  reads: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  /** Somebody gets something, and gets it again when it is repeated. */
  sends: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  /** Puts something there, and once more when it is repeated. */
  adds: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  /** Adds what it reads from, or will pass on to, somewhere outside. */
  addsWithOutside: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  /** Puts something in the place of what was there. */
  replaces: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  /** As replaces, and somebody may get something by it. */
  replacesAndSends: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  /** Takes something away. */
  removes: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
} as const satisfies Record<string, Hints>;
