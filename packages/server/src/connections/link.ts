import { Refusal } from '../refusal.ts';
import type { TargetName } from './parts.ts';

/** How long a link to the connect page lives. */
export const LINK_MS = 10 * 60_000;
/** So many wrong tries close a link. */
export const WRONG_TRIES = 5;

export interface ConnectLink {
  /** ln_… Shown once; only its SHA-256 is kept. */
  token: string;
  /** The page: `<public URL>/connect/<token>`. */
  url: string;
  expiresAt: number;
  connectionId: string;
}

export interface LinkWish {
  connectionId: string;
  /** Who asks, in words for the page; null = the caller's name. */
  requestedBy: string | null;
  callbackUrl: string | null;
  /** Given back to the callback as it came. */
  state: string | null;
}

/** What the page shows of a link, to the browser it belongs to. */
export interface OpenedConnectLink {
  connectionId: string;
  requestedBy: string;
  target: TargetName;
  toolkitName: string;
  /** The account that asked, on this server. */
  accountName: string;
  expiresAt: number;
  /** What to prefill: the username it was connected with before; empty = unknown. */
  usernameHint: string;
  triesLeft: number;
  /** True = somebody connected by it already: nothing more to submit. */
  done: boolean;
  /** The callback for success; null where the page shows its own result. Only where `done`. */
  doneUrl: string | null;
  /** The callback for giving up; null where there is none. */
  failureUrl: string | null;
  /** The secret that binds the link to this browser, for a cookie of this page alone; null where it was brought along. */
  browser: string | null;
}

/** What came of a try. None of the words holds a credential. */
export type Submitted =
  /** `location` = the callback, with status=success, connected_account_id and state; null where there is none. */
  | { kind: 'connected'; connectionId: string; remoteAccount: string | null; location: string | null }
  | { kind: 'wrong'; words: string; triesLeft: number }
  /** Not counted as a wrong try. */
  | { kind: 'unreachable'; words: string; triesLeft: number }
  /** Nothing was tried: fields (`username`, `password`) to what is wrong with them. */
  | { kind: 'invalid'; fields: Readonly<Record<string, string>>; triesLeft: number }
  /** That was the last wrong try. `location` = the callback with status=failed. */
  | { kind: 'closed'; words: string; location: string | null }
  /** Another try of this link is under way. */
  | { kind: 'busy'; words: string };

/** Why a link cannot be opened or used. */
export class LinkRefusal extends Refusal {
  readonly why: 'unknown' | 'expired' | 'closed' | 'done' | 'other-browser';
  /** The callback with status=failed, told to the browser the link belongs to; null where there is none. */
  readonly failureUrl: string | null;

  constructor(why: LinkRefusal['why'], message: string, failureUrl: string | null = null) {
    super(why === 'other-browser' ? 'forbidden' : 'not-found', message);
    this.why = why;
    this.failureUrl = failureUrl;
  }
}
