import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Database } from '../db/db.ts';
import { Refusal } from '../refusal.ts';
import { type Credentials, MAX_SECRET, parseBasic } from './basic-header.ts';
import type { Caller } from './caller.ts';
import { HashGate } from './hash-gate.ts';
import { KeyUses } from './key-uses.ts';
import { hashKey } from './keys.ts';
import { NOBODYS_HASH, verifyPassword } from './passwords.ts';
import { RecentMap } from './recent-map.ts';
import { findIdentity, findKeyHolder, type Identity, markKeysUsed } from './store.ts';
import { type Try, WrongTries } from './wrong-tries.ts';

/** Who it is, or why not. A refusal is a value here: half of what comes to this door is a guess. */
export type Verdict = Caller | Refusal;

export interface AuthenticationParts {
  /** The engine's connections: whose account it is becomes known only here. */
  enginePool: Database['enginePool'];
  clock: Clock;
  random: Random;
}

const CACHE_MS = 5000;
const PROOF_MS = 60 * 60_000;
const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 32;
/** Of credentials in connections: one at once, and no more waiting than are through in a few seconds. */
const CONNECTION_HASHES_WAITING = 8;
/** A key shorter than this was chosen by somebody and can be guessed, so it is held to the rules for passwords. */
const UNGUESSABLE = 20;

/**
 * The one door for credentials. In order of cost:
 *
 * 1. A caller admitted in the last 5 s passes at once, found by an HMAC of the header under a key of this process (no
 *    secret is kept). About 2 µs.
 * 2. An API key is looked up by its SHA-256 and passes at once. No back-off can hold it up.
 * 3. A password that was proven in the last hour, and whose stored hash has not changed since, passes at once.
 * 4. Any other secret may be a password: it waits for its turn as `WrongTries` says, then scrypt tells, two at a time.
 *    A user who does not exist takes the same way with a hash that nothing matches.
 *
 * A user who is disabled and an account that is inactive or banned are told so only after a right secret.
 */
export class Authentication {
  readonly #pool: Database['enginePool'];
  readonly #clock: Clock;
  readonly #hmacKey: KeyObject;
  readonly #admitted: RecentMap<Caller>;
  /** From the HMAC of username and secret to the stored hash it was proven against. */
  readonly #proven: RecentMap<string>;
  readonly #people: Door;
  readonly #connections: Door;
  readonly #uses: KeyUses;
  readonly #underWay = new Map<string, Promise<Verdict>>();
  /** Goes up when credentials change, so that a look-up begun before is not cached after. */
  #generation = 0;

  constructor({ enginePool, clock, random }: AuthenticationParts) {
    this.#pool = enginePool;
    this.#clock = clock;
    // As a KeyObject: an HMAC under raw bytes costs 8 µs, most of it for taking the key in; this one 1.2 µs.
    this.#hmacKey = createSecretKey(random.bytes(32));
    this.#admitted = new RecentMap<Caller>({ entries: 10_000, keepMs: CACHE_MS }, clock);
    this.#proven = new RecentMap<string>({ entries: 10_000, keepMs: PROOF_MS }, clock);
    this.#people = peoplesDoor(clock);
    this.#connections = connectionsDoor(clock, this.#people);
    this.#uses = new KeyUses(clock, (uses) => markKeysUsed(enginePool, uses));
  }

  /**
   * Judges an `Authorization: Basic` header. At once for a caller it knows, else a promise.
   * @param address the client's, as far as proxies are trusted.
   */
  authenticate(header: string | undefined, address: string): Verdict | Promise<Verdict> {
    return this.#enter(header, address, this.#people);
  }

  /**
   * As `authenticate`, for credentials that stand in a connection. Wrong ones are counted apart from those of people who sign
   * in, and their hashes wait for those of people: nothing that is done here holds up anybody there.
   * @param scope whose connections they are, in place of an address.
   */
  authenticateConnection(header: string, scope: string): Verdict | Promise<Verdict> {
    return this.#enter(header, scope, this.#connections);
  }

  #enter(header: string | undefined, address: string, door: Door): Verdict | Promise<Verdict> {
    if (header === undefined) return missing();
    const id = this.#idOf('basic', header);
    const known = this.#recall(id);
    if (known) return known;
    const credentials = parseBasic(header);
    if (!credentials) return missing();
    if (credentials.username.length + credentials.secret.length > MAX_SECRET) return invalid();
    return this.#once(`${id} ${door.name} ${address}`, (generation) =>
      this.#judge(id, credentials, { door, address, username: credentials.username }, generation),
    );
  }

  /** Judges a key that came without a username (`x-api-key`, `Bearer`). */
  authenticateKey(key: string | undefined, address: string): Verdict | Promise<Verdict> {
    if (!key) return missing();
    if (key.length > MAX_SECRET) return invalid();
    const id = this.#idOf('key', key);
    const known = this.#recall(id);
    if (known) return known;
    return this.#once(`${id} ${address}`, (generation) => this.#judgeKey(id, key, address, generation));
  }

  /** To be called when a user's key, password or standing changes: nothing is remembered of them afterwards. */
  forget(userId: number): void {
    this.#generation += 1;
    this.#admitted.drop((caller) => caller.userId === userId);
  }

  /** Writes when keys were last used. At shutdown, before the database goes. */
  close(): Promise<void> {
    return this.#uses.flush();
  }

  #recall(id: string): Caller | undefined {
    const known = this.#admitted.get(id);
    if (known && known.keyId !== null) this.#uses.mark(known.keyId);
    return known;
  }

  /** Requests that bring the same credentials at the same time share one look-up and one hash. */
  #once(request: string, judge: (generation: number) => Promise<Verdict>): Promise<Verdict> {
    // Not with a look-up that was begun before credentials changed.
    const id = `${request} ${this.#generation}`;
    const running = this.#underWay.get(id);
    if (running) return running;
    const verdict = judge(this.#generation).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, verdict);
    return verdict;
  }

  async #judge(id: string, credentials: Credentials, attempt: Attempt, generation: number): Promise<Verdict> {
    const { username, secret } = credentials;
    const identity = await findIdentity(this.#pool, username, hashKey(secret));
    if (this.#hasEnded(identity)) return invalid();
    if (identity?.key && secret.length >= UNGUESSABLE) {
      attempt.door.tries.makeFamiliar(attempt);
      return this.#admit(id, identity, 'key', generation);
    }
    const stored = identity?.passwordHash ?? null;
    const proof = this.#idOf('proof', `${username.toLowerCase()}:${secret}`);
    if (identity && stored !== null && this.#proven.get(proof) === stored) {
      return this.#admit(id, identity, 'password', generation);
    }
    const looked = await this.#look(
      attempt,
      async () => identity?.key != null || verifyPassword(secret, stored ?? NOBODYS_HASH),
    );
    if (looked instanceof Refusal) return looked;
    if (!looked || !identity) return invalid();
    if (identity.key) return this.#admit(id, identity, 'key', generation);
    if (stored !== null) this.#proven.set(proof, stored);
    return this.#admit(id, identity, 'password', generation);
  }

  async #judgeKey(id: string, key: string, address: string, generation: number): Promise<Verdict> {
    const identity = await findKeyHolder(this.#pool, hashKey(key));
    if (this.#hasEnded(identity)) return invalid();
    if (identity && key.length >= UNGUESSABLE) return this.#admit(id, identity, 'key', generation);
    const looked = await this.#look({ door: this.#people, address, username: '' }, () =>
      Promise.resolve(identity !== null),
    );
    if (looked instanceof Refusal) return looked;
    return looked && identity ? this.#admit(id, identity, 'key', generation) : invalid();
  }

  /** Looks at a secret that could be guessed, when its turn has come. Answers whether it is right. */
  async #look(attempt: Attempt, verify: () => Promise<boolean>): Promise<boolean | Refusal> {
    const { tries, turn } = attempt.door;
    const waitMs = tries.waitMs(attempt);
    if (waitMs > 0) return tooMany(waitMs);
    const open = tries.begin(attempt);
    const verified = turn(tries.isFamiliar(attempt), verify);
    if (verified === null) {
      open.unseen();
      return tooMany(1000);
    }
    const right = await verified;
    if (right) open.right();
    return right;
  }

  #admit(id: string, identity: Identity, via: Caller['via'], generation: number): Verdict {
    const { userId, username, account, key } = identity;
    if (identity.disabled)
      return new Refusal('forbidden', 'This user is disabled; the owner of the account can change that.');
    if (account.banned) return new Refusal('account-banned', 'This account is banned.');
    if (!account.active) return new Refusal('account-not-activated', 'This account is not active.');
    const caller: Caller = {
      accountId: account.accountId,
      userId,
      username,
      scopes: via === 'key' && key ? key.scopes : ['*'],
      via,
      keyId: via === 'key' && key ? key.keyId : null,
      agentId: via === 'key' && key ? key.agentId : null,
      account,
    };
    if (caller.keyId !== null) this.#uses.mark(caller.keyId);
    // One that ends by itself is looked up each time, so that it ends then.
    const endsByItself = via === 'key' && key?.endsAt != null;
    if (generation === this.#generation && !endsByItself) this.#admitted.set(id, caller);
    return caller;
  }

  /** A key that was replaced may have been given a while yet. */
  #hasEnded(identity: Identity | null): boolean {
    const endsAt = identity?.key?.endsAt ?? null;
    return endsAt !== null && endsAt <= this.#clock.now();
  }

  #idOf(kind: string, secret: string): string {
    return createHmac('sha256', this.#hmacKey).update(`${kind} ${secret}`).digest('base64');
  }
}

/** Where credentials come in: what is wrong at one counts nothing at the other. */
interface Door {
  name: string;
  tries: WrongTries;
  gate: HashGate;
  /** Null = too many wait. */
  turn(familiar: boolean, verify: () => Promise<boolean>): Promise<boolean> | null;
}

type Attempt = Try & { door: Door };

function peoplesDoor(clock: Clock): Door {
  const gate = new HashGate(HASHES_AT_ONCE, HASHES_WAITING);
  return { name: 'people', tries: new WrongTries(clock), gate, turn: (familiar, verify) => gate.run(familiar, verify) };
}

function connectionsDoor(clock: Clock, people: Door): Door {
  const gate = new HashGate(1, CONNECTION_HASHES_WAITING);
  return {
    name: 'connections',
    // One account's connections at a username are not told from another's by where they come from.
    tries: new WrongTries(clock, { free: 20, baseMs: 1000, capMs: 30_000 }),
    gate,
    // There is always room in the last line: from here no more than one stands in it.
    turn: (familiar, verify) => gate.run(familiar, () => people.gate.runLast(verify)!),
  };
}

const missing = () =>
  new Refusal('missing-credentials', 'Sign in with HTTP Basic: your username and an API key or your password.');
const invalid = () => new Refusal('invalid-credentials', 'The username or the key is wrong.');
const tooMany = (waitMs: number) =>
  new Refusal(
    'too-many-requests',
    'Too many wrong tries to sign in; wait as Retry-After says. A right API key passes at once.',
    {
      retryAfter: Math.ceil(waitMs / 1000),
    },
  );
