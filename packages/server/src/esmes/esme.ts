import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { hashPassword } from '../accounts/passwords.ts';
import { isDuplicate, type Writer } from '../accounts/store-accounts.ts';
import { Refusal } from '../refusal.ts';
import { deleteEsme, insertEsme, setEsmeDisabled, setEsmePassword } from './store.ts';

/** Binds an ESME may hold at once at each node, unless it is given another number. */
const USUAL_BINDS = 4;
const MOST_BINDS = 100;

/** SMPP 3.4 §5.2.1, §5.2.2: 15 and 8 characters and a NUL. */
const SYSTEM_ID = /^[A-Za-z0-9._-]{1,15}$/;
const PASSWORD_LENGTH = 8;
/** Nothing that looks like something else on paper; 46 bits in all, behind a slow hash and a back-off. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const NAME_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface EsmeParts {
  clock: Clock;
  random: Random;
  db: Writer;
}

/** Gives a user's account an SMPP client. The password is answered here once and kept only as a hash. @throws Refusal */
export async function addEsme(
  parts: EsmeParts,
  wanted: { accountId: number; userId: number; systemId?: string | undefined; binds?: number | undefined },
): Promise<{ systemId: string; password: string }> {
  const systemId = wanted.systemId ?? `esme-${drawn(parts.random, NAME_LETTERS, 8)}`;
  checkSystemId(systemId);
  const binds = wanted.binds ?? USUAL_BINDS;
  if (!Number.isInteger(binds) || binds < 1 || binds > MOST_BINDS) {
    throw new Refusal('bad-request', `An ESME may have 1 to ${MOST_BINDS} binds.`, {
      fields: { binds: `1 to ${MOST_BINDS}` },
    });
  }
  const password = newEsmePassword(parts.random);
  try {
    await insertEsme(parts.db, {
      system_id: systemId,
      account_id: wanted.accountId,
      user_id: wanted.userId,
      password_hash: await hashPassword(password, parts.random),
      binds,
      created_at: parts.clock.now(),
    });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new Refusal('bad-request', `The system_id "${systemId}" is taken; choose another.`);
  }
  return { systemId, password };
}

/** Gives an ESME another password; what is bound with the old one is unbound within seconds. @throws Refusal `not-found` */
export async function resetEsmePassword({ random, db }: EsmeParts, systemId: string): Promise<string> {
  const password = newEsmePassword(random);
  const found = await setEsmePassword(db, systemId, await hashPassword(password, random));
  if (!found) throw unknown(systemId);
  return password;
}

/** Keeps an ESME out, or lets it in again; what is queued for it waits. @throws Refusal `not-found` */
export async function setDisabled({ clock, db }: EsmeParts, systemId: string, disabled: boolean): Promise<void> {
  if (!(await setEsmeDisabled(db, systemId, disabled ? clock.now() : null))) throw unknown(systemId);
}

/** Ends an ESME for good; what is queued for it goes to nobody. @throws Refusal `not-found` */
export async function removeEsme({ db }: EsmeParts, systemId: string): Promise<void> {
  if (!(await deleteEsme(db, systemId))) throw unknown(systemId);
}

const newEsmePassword = (random: Random): string => drawn(random, LETTERS, PASSWORD_LENGTH);

/** Letters with even chances: bytes beyond the last whole round of the alphabet are drawn again. */
function drawn(random: Random, letters: string, length: number): string {
  const limit = 256 - (256 % letters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < limit && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
}

function checkSystemId(systemId: string): void {
  if (SYSTEM_ID.test(systemId)) return;
  const words = 'A system_id has 1 to 15 letters, digits, dots, dashes or underscores.';
  throw new Refusal('bad-request', words, { fields: { system_id: words } });
}

const unknown = (systemId: string) =>
  new Refusal('not-found', `There is no ESME "${systemId}"; \`veredus esme list\` shows them.`);
