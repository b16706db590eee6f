import type { Clock } from '@veredus/protocols/clock';
import type { Pool } from '../db/transaction.ts';
import { browserKind } from './browser.ts';
import { isCode } from './codes.ts';
import { machineSign, type Visit } from './machine.ts';
import { findAndCount, type OpenedLink } from './store.ts';

export interface LinkParts {
  /** The engine's: nobody is signed in who opens a link. */
  pool: Pool;
  clock: Clock;
}

/**
 * The link behind a code, or null when there is none. Opening one that leads somewhere counts as a click, of a person or a
 * machine; opening an opt-out link changes nothing.
 */
export async function openLink({ pool, clock }: LinkParts, code: string, visit: Visit): Promise<OpenedLink | null> {
  if (!isCode(code)) return null;
  const agent = visit.headers['user-agent'];
  const kind = browserKind(typeof agent === 'string' ? agent : '');
  return findAndCount(pool, code, { at: clock.now(), why: machineSign(visit), ...kind });
}
