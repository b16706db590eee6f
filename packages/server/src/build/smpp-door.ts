import type { Clock } from '@veredus/protocols/clock';
import type { Config } from '../config.ts';
import { StartRefused } from '../db/start-refused.ts';
import type { Pool } from '../db/transaction.ts';
import { type DoorParts, openSmppDoor, type SmppDoor } from '../doors/smpp/door.ts';
import { PARTS_WAIT_MS } from '../doors/smpp/take-submits.ts';
import { expireParts } from '../esmes/expire-parts.ts';
import { dropOldDeliveries, expireDeliveries } from '../esmes/store-deliveries.ts';
import { dropOldSubmits } from '../esmes/store-submits.ts';
import { firstIdOf } from '../messages/ids.ts';
import type { Task } from '../periodic.ts';

/** What was submitted and delivered is kept so long, for questions. */
const KEPT_MS = 30 * 86_400_000;
const SWEEP_LIMIT = 5_000;

/** The door for customers' SMPP clients, where one is set and this node answers requests. @throws StartRefused */
export async function openDoor(config: Config, parts: DoorParts): Promise<SmppDoor | null> {
  const at = config.smppListen;
  if (at === null || !config.roles.includes('api')) return null;
  const door = await openSmppDoor(parts, at).catch((error) => {
    throw doorFault(error, at);
  });
  parts.log('smpp.listening', { address: door.address });
  return door;
}

function doorFault(error: Error & { code?: string }, { host, port }: { host: string; port: number }): Error {
  const words = {
    EADDRINUSE: `port ${port} on ${host} is in use by another program`,
    EACCES: `this user may not listen on port ${port}`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `${host} is no address of this machine`,
  }[error.code ?? ''];
  return words === undefined ? error : new StartRefused(`VEREDUS_SMPP_LISTEN: ${words}.`);
}

/** What a node that works does for ESMEs, wherever they are bound. */
export function esmeTasks(parts: {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  log(event: string, facts: Record<string, unknown>): void;
}): Task[] {
  const { pool, clock } = parts;
  const before = () => clock.now() - KEPT_MS;
  return [
    { name: 'give up parts of SMPP texts', everyMs: 5_000, run: () => expireParts(parts, PARTS_WAIT_MS, SWEEP_LIMIT) },
    {
      name: 'expire SMPP deliveries',
      everyMs: 10_000,
      full: SWEEP_LIMIT,
      run: () => expireDeliveries(pool, clock.now(), SWEEP_LIMIT),
    },
    {
      name: 'drop old SMPP deliveries',
      everyMs: 10_000,
      full: SWEEP_LIMIT,
      run: () => dropOldDeliveries(pool, before(), SWEEP_LIMIT),
    },
    {
      name: 'drop old SMPP submits',
      everyMs: 10_000,
      full: SWEEP_LIMIT,
      run: () => dropOldSubmits(pool, firstIdOf(before()), SWEEP_LIMIT),
    },
  ];
}
