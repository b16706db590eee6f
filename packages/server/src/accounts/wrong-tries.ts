import type { Clock } from '@veredus/protocols/clock';
import { addressScope } from './address-scope.ts';
import { Backoff, type BackoffRule } from './backoff.ts';
import { RecentMap } from './recent-map.ts';

const MINUTE = 60_000;
const FAMILIAR_FOR = 30 * 24 * 60 * MINUTE;
const USERS = { free: 50, baseMs: 250, capMs: 2000 };

/** One try to sign in: where from, and whose. */
export interface Try {
  address: string;
  username: string;
}

/** A try that is being looked at. Unless one of these is called, it was wrong. */
export interface OpenTry {
  right(): void;
  /** Nobody looked at it after all. */
  unseen(): void;
}

/**
 * Who must wait before a password is looked at. Keys never come here: a right key passes at once, always, and so does a
 * password proven in the last hour (see authenticate.ts). For all others:
 *
 * - **(address, user)**: after 5 wrong tries from one address for one user, that address waits 1 s, 2 s, … 60 s for that
 *   user. Nobody at another address is held up by it.
 * - **address**: after 20 wrong tries for any users (one password tried on many names), 1 s, 2 s, … 30 s.
 * - **user**: after 50 wrong tries from anywhere (many addresses guess at one name), 0.25 s, … 2 s between two tries:
 *   slow for a crowd of guessers, and the owner signing in from somewhere new still gets his turn.
 *
 * An address from which a user was right before is *familiar* for 30 days of this process; there only the first rule
 * holds. So strangers, however many, never close the door to somebody at his usual place.
 *
 * What waits is refused unlooked-at with the seconds to wait; it does not lengthen the wait. Names that do not exist are
 * counted like those that do. All of it is in memory and per node: N nodes let through N times as many tries.
 */
export class WrongTries {
  readonly #pairs: Backoff;
  readonly #addresses: Backoff;
  readonly #users: Backoff;
  readonly #familiar: RecentMap<true>;

  /** `users`: another third rule. */
  constructor(clock: Clock, users: Pick<BackoffRule, 'free' | 'baseMs' | 'capMs'> = USERS) {
    const forgetMs = 15 * MINUTE;
    this.#pairs = new Backoff({ free: 5, baseMs: 1000, capMs: MINUTE, forgetMs, keys: 50_000 }, clock);
    this.#addresses = new Backoff({ free: 20, baseMs: 1000, capMs: MINUTE / 2, forgetMs, keys: 50_000 }, clock);
    this.#users = new Backoff({ ...users, forgetMs, keys: 50_000 }, clock);
    this.#familiar = new RecentMap<true>({ entries: 10_000, keepMs: FAMILIAR_FOR }, clock);
  }

  isFamiliar(attempt: Try): boolean {
    return this.#familiar.get(pairOf(attempt)) === true;
  }

  /** Milliseconds before this try may be looked at; 0 = now. */
  waitMs(attempt: Try): number {
    const own = this.#pairs.waitMs(pairOf(attempt));
    if (this.isFamiliar(attempt)) return own;
    return Math.max(own, this.#addresses.waitMs(addressOf(attempt)), this.#users.waitMs(userOf(attempt)));
  }

  /** Before a password is looked at: the try counts as wrong until it is known to be right. */
  begin(attempt: Try): OpenTry {
    const pair = pairOf(attempt);
    const address = addressOf(attempt);
    const user = userOf(attempt);
    const stranger = !this.isFamiliar(attempt);
    this.#pairs.charge(pair);
    if (stranger) {
      this.#addresses.charge(address);
      this.#users.charge(user);
    }
    const forgiveOthers = () => {
      if (!stranger) return;
      this.#addresses.forgive(address);
      this.#users.forgive(user);
    };
    return {
      right: () => {
        this.#pairs.clear(pair);
        forgiveOthers();
        this.makeFamiliar(attempt);
      },
      unseen: () => {
        this.#pairs.forgive(pair);
        forgiveOthers();
      },
    };
  }

  makeFamiliar(attempt: Try): void {
    this.#familiar.set(pairOf(attempt), true);
  }
}

const addressOf = (attempt: Try) => addressScope(attempt.address);
const userOf = (attempt: Try) => attempt.username.toLowerCase();
const pairOf = (attempt: Try) => `${addressOf(attempt)} ${userOf(attempt)}`;
