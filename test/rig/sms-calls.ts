import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import type { Random } from '@veredus/protocols/random';
import type { Caller } from '@veredus/server/accounts/caller';
import { smsRoutes } from '@veredus/server/channels/sms/routes';
import type { SmsParts } from '@veredus/server/channels/sms/send';
import type { Database } from '@veredus/server/db/db';
import { type CommitJob, committer } from '@veredus/server/messages/commit';
import { messageIds } from '@veredus/server/messages/ids';
import { duplicateGuard } from '@veredus/server/messages/throttle';
import { openRates } from '@veredus/server/pricing/rates';
import { systemRandom } from '@veredus/server/system';
import type { HandClock } from './hand-clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Answered = any;

/** Send and price as the wire has them, with what they tell the committer; nothing is dispatched. */
export interface SmsCalls {
  readonly jobs: CommitJob[];
  send(caller: Caller, body: object, key?: string): Promise<Answered>;
  price(caller: Caller, body: object): Promise<Answered>;
  /** Draws from these before anything random. */
  draws: Uint8Array[];
  close(): void;
}

export const LINK_BASE = 'https://acme.link';

export async function openSmsCalls(db: Database, clock: HandClock): Promise<SmsCalls> {
  const pool = db.enginePool;
  const log = () => {};
  const rates = await openRates({ pool, clock, channel: 'sms', log });
  const commit = committer({ pool, clock, dispatcher: () => null, log });
  const jobs: CommitJob[] = [];
  const draws: Uint8Array[] = [];
  const random: Random = { next: systemRandom.next, bytes: (length) => draws.shift() ?? systemRandom.bytes(length) };
  const parts: SmsParts = {
    pool,
    clock,
    newId: messageIds(clock, systemRandom),
    commit(job) {
      jobs.push(job);
      return commit(job);
    },
    guard: duplicateGuard(clock),
    policies: [],
    rates,
    sharedNumber: '',
    random,
    linkBase: () => LINK_BASE,
  };
  const ask = async (id: 'smsSend' | 'smsPrice', caller: Caller, body: object, key: string | null) => {
    const read = readCall(endpoints[id], { body });
    if (!read.ok) throw new Error(JSON.stringify(read.fields));
    const handler = smsRoutes(parts)[id] as (call: object) => Promise<{ data: unknown; replayed?: boolean }>;
    const { data, replayed } = await handler({ ...read.call, caller, idempotencyKey: key, depth: 0 });
    return { ...(endpoints[id].data.parse(data) as Answered), replayed };
  };
  return {
    jobs,
    draws,
    send: (caller, body, key) => ask('smsSend', caller, body, key ?? null),
    price: (caller, body) => ask('smsPrice', caller, body, null),
    close: () => rates.close(),
  };
}
