import { createHmac, createSecretKey } from 'node:crypto';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { STATUS } from '@veredus/protocols/smpp/status';
import { callerFor } from '../../accounts/act-for.ts';
import type { Caller } from '../../accounts/caller.ts';
import { HashGate } from '../../accounts/hash-gate.ts';
import { NOBODYS_HASH, verifyPassword } from '../../accounts/passwords.ts';
import { RecentMap } from '../../accounts/recent-map.ts';
import { WrongTries } from '../../accounts/wrong-tries.ts';
import { isUnavailable } from '../../db/patient-pool.ts';
import type { Pool } from '../../db/transaction.ts';
import { type Esme, findEsmes } from '../../esmes/store.ts';

export interface AdmitParts {
  pool: Pool;
  clock: Clock;
  random: Random;
}

/** Who a bind is, or the status it is refused with and why, for the log. */
export type Verdict = { esme: Esme; caller: Caller } | { status: number; why: string };

const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 32;
const PROOF_MS = 60 * 60_000;

/**
 * Judges binds. A password proven in the last hour passes at once; any other waits for its turn as `WrongTries` says and is
 * then hashed, two at a time, and a system_id that does not exist takes as long. That an ESME is disabled or its account
 * barred is told only after a right password.
 */
export function admission({ pool, clock, random }: AdmitParts) {
  const tries = new WrongTries(clock);
  const gate = new HashGate(HASHES_AT_ONCE, HASHES_WAITING);
  const proofKey = createSecretKey(random.bytes(32));
  /** From the HMAC of system_id and password to the stored hash it was proven against. */
  const proven = new RecentMap<string>({ entries: 10_000, keepMs: PROOF_MS }, clock);

  const judge = async (systemId: string, password: string, address: string): Promise<Verdict> => {
    const [esme] = await findEsmes(pool, [systemId]);
    const proof = createHmac('sha256', proofKey)
      .update(JSON.stringify([systemId, password]))
      .digest('base64');
    if (esme && proven.get(proof) === esme.passwordHash) return standing(esme);
    const attempt = { address, username: systemId };
    const waitMs = tries.waitMs(attempt);
    if (waitMs > 0) return { status: STATUS.ESME_RTHROTTLED, why: `too many wrong tries: ${waitMs} ms to wait` };
    const open = tries.begin(attempt);
    const verified = gate.run(tries.isFamiliar(attempt), () =>
      verifyPassword(password, esme?.passwordHash ?? NOBODYS_HASH),
    );
    if (verified === null) {
      open.unseen();
      return { status: STATUS.ESME_RTHROTTLED, why: 'too many passwords to look at' };
    }
    if (!(await verified) || !esme) return { status: STATUS.ESME_RINVPASWD, why: 'wrong system_id or password' };
    open.right();
    proven.set(proof, esme.passwordHash);
    return standing(esme);
  };

  const standing = async (esme: Esme): Promise<Verdict> => {
    if (esme.disabled) return { status: STATUS.ESME_RBINDFAIL, why: 'the ESME is disabled' };
    const caller = await callerFor(pool, esme);
    if (!caller) return { status: STATUS.ESME_RBINDFAIL, why: 'the account is banned, inactive or without this user' };
    return { esme, caller };
  };

  return {
    /** Never throws for what the outside or the database may be up to. */
    async bind(systemId: string, password: string, address: string): Promise<Verdict> {
      try {
        return await judge(systemId, password, address);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        return { status: STATUS.ESME_RSYSERR, why: 'the database is away' };
      }
    },

    /** The ESMEs of these names that may still be bound, as they are now. */
    async refresh(systemIds: readonly string[]): Promise<Map<string, { esme: Esme; caller: Caller }>> {
      const found = new Map<string, { esme: Esme; caller: Caller }>();
      for (const esme of await findEsmes(pool, systemIds)) {
        const verdict = await standing(esme);
        if ('esme' in verdict) found.set(esme.systemId, verdict);
      }
      return found;
    },
  };
}

export type Admission = ReturnType<typeof admission>;
