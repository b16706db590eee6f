import { createHash } from 'node:crypto';
import type { Caller } from '@veredus/server/accounts/caller';
import type { ConnectionParts, TargetName } from '@veredus/server/connections/parts';
import { openVault } from '@veredus/server/connections/vault';
import { systemRandom } from '@veredus/server/system';
import type { TargetAnswer, TargetCall } from '@veredus/tools/target';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { type HandClock, handClock } from './hand-clock.ts';
import { addAccount } from './stored-messages.ts';

/** A target played by a test: who may sign in, and how it fails. */
export class PlayedTarget {
  readonly passwords = new Map<string, string>();
  readonly calls: (TargetCall & { username: string; password: string })[] = [];
  /** Answers this in place of the proper one, while it is set. */
  mishap: TargetAnswer | null = null;
  /** Waited for before each answer. */
  wait: () => Promise<void> = async () => {};

  as({ username, password }: { username: string; password: string }) {
    return {
      call: async (call: TargetCall): Promise<TargetAnswer> => {
        this.calls.push({ ...call, username, password });
        await this.wait();
        if (this.mishap) return this.mishap;
        const right = this.passwords.get(username) === password;
        return right ? answer(200, { account_name: `${username} Ltd`, username }) : answer(401, null);
      },
    };
  }
}

export function answer(status: number, data: unknown, words = 'Said by the stand-in.'): TargetAnswer {
  const envelope = {
    http_code: status,
    response_code: status === 200 ? 'SUCCESS' : 'REFUSED',
    response_msg: words,
    data,
  };
  return { kind: 'answer', status, envelope, replayed: false };
}

export interface ConnectionRig extends TestDatabase {
  clock: HandClock;
  parts: ConnectionParts;
  targets: Record<TargetName, PlayedTarget>;
  logged: { event: string; facts: Record<string, unknown> }[];
  caller(username: string): Promise<Caller>;
  query<T = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
}

export const SECRET_KEY = createHash('sha256').update('the secret key of the tests').digest();

/** Connections on a real database, with targets that are played. */
export async function openConnectionRig(): Promise<ConnectionRig> {
  const database = await openTestDatabase();
  const clock = handClock();
  const targets = { local: new PlayedTarget(), cloud: new PlayedTarget() };
  const logged: ConnectionRig['logged'] = [];
  const parts: ConnectionParts = {
    ...{ pool: database.db.enginePool, db: database.db, clock, random: systemRandom, defaultTarget: 'cloud' },
    vault: openVault({ secretKey: SECRET_KEY, random: systemRandom }),
    targets: { local: (who) => targets.local.as(who), cloud: (who) => targets.cloud.as(who) },
    publicUrl: () => 'https://msg.example.test',
    callbackHosts: ['*'],
    log: (event, facts) => logged.push({ event, facts }),
  };
  return {
    ...database,
    ...{ clock, parts, targets, logged },
    async caller(username) {
      const { accountId, userId } = await addAccount(database.db, username);
      const account = { accountId, name: `${username} Inc` } as Caller['account'];
      return { accountId, userId, username, scopes: ['*'], via: 'password', keyId: null, account };
    },
    async query(text, values = []) {
      return (await database.db.enginePool.query(text, values)).rows as never;
    },
  };
}
