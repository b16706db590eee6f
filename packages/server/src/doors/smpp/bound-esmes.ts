import type { Caller } from '../../accounts/caller.ts';
import type { Esme } from '../../esmes/store.ts';
import type { Admission } from './admit.ts';
import { BoundEsme } from './bound-esme.ts';
import { BoundSession, type SessionFacts } from './bound-session.ts';
import type { TakeParts } from './take-submits.ts';

/** A name may be removed and given to another account while the old one's submits are still under way. */
const keyOf = ({ accountId, systemId }: Esme): string => `${accountId}/${systemId}`;

/** The ESMEs with binds at this node. */
export class BoundEsmes {
  readonly #parts: TakeParts;
  readonly #admission: Admission;
  readonly #esmes = new Map<string, BoundEsme>();

  constructor(parts: TakeParts, admission: Admission) {
    this.#parts = parts;
    this.#admission = admission;
  }

  all(): Iterable<BoundEsme> {
    return this.#esmes.values();
  }

  /** Gives an ESME one more session; null where it has all it may have. Nothing waits in here, so two cannot both be the last. */
  join({ esme, caller }: { esme: Esme; caller: Caller }, facts: Omit<SessionFacts, 'esme'>): BoundSession | null {
    const key = keyOf(esme);
    const known = this.#esmes.get(key) ?? new BoundEsme(this.#parts, esme, caller);
    if (known.sessions.size >= esme.binds) return null;
    known.esme = esme;
    known.caller = caller;
    const session = new BoundSession({ ...facts, esme: known });
    known.sessions.add(session);
    // What those before it left may still be too much.
    session.hold();
    this.#esmes.set(key, known);
    return session;
  }

  leave(session: BoundSession): void {
    const { esme } = session.facts;
    esme.leave(session);
    if (esme.sessions.size > 0) return;
    esme.idle().then(() => {
      if (esme.sessions.size === 0 && this.#esmes.get(keyOf(esme.esme)) === esme) this.#esmes.delete(keyOf(esme.esme));
    });
  }

  /** Looks at each ESME again: its account as it is now, and whether it may be bound any more. Answers sessions that may not. */
  async refresh(): Promise<BoundSession[]> {
    const bound = [...this.#esmes.values()].filter(({ sessions }) => sessions.size > 0);
    if (bound.length === 0) return [];
    const now = await this.#admission.refresh(bound.map(({ esme }) => esme.systemId));
    return bound.flatMap((one) => {
      const found = now.get(one.esme.systemId);
      if (found === undefined || found.esme.accountId !== one.esme.accountId) return [...one.sessions];
      one.esme = found.esme;
      one.caller = found.caller;
      return [...one.sessions].filter(({ facts }) => facts.passwordHash !== found.esme.passwordHash);
    });
  }
}
