import type { Caller } from '@veredus/server/accounts/caller';
import type { Database } from '@veredus/server/db/db';
import type { Carrier } from '@veredus/server/messages/carrier';
import { afterEach, beforeEach } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../rig/database.ts';
import { type Counts, expectSound, tally } from './books.ts';
import { FakeCarrier } from './fake-carrier.ts';
import { type Node, PRICE, setPrice, startNode } from './pipeline.ts';
import { until } from './until.ts';

/** A database, and the nodes started on it, for the length of one test. */
export interface EachTest {
  readonly db: Database;
  readonly url: string;
  start(carrier: Carrier, options?: Parameters<typeof startNode>[2]): Promise<Node>;
  /** Waits until an account's messages stand so. */
  reached(caller: Caller, counts: Counts): Promise<void>;
}

/** Call it at the top of a file. After each test the nodes stop and the books, the statistics and all logs are proven. */
export function eachTest(): EachTest {
  let base: TestDatabase;
  let nodes: Node[] = [];
  let carriers = new Set<FakeCarrier>();
  beforeEach(async () => {
    base = await openTestDatabase();
    await setPrice(base.db, PRICE);
  });
  afterEach(async () => {
    try {
      for (const node of nodes) {
        node.rates.close();
        await node.dispatcher.stop(0);
      }
      await expectSound(
        base.db,
        [...carriers].flatMap(({ log }) => log),
      );
    } finally {
      nodes = [];
      carriers = new Set();
      await base.close();
    }
  });
  return {
    get db() {
      return base.db;
    },
    get url() {
      return base.url;
    },
    async start(carrier, options) {
      if (carrier instanceof FakeCarrier) carriers.add(carrier);
      const node = await startNode(base.db, carrier, options);
      nodes.push(node);
      return node;
    },
    async reached(caller, counts) {
      let now: Counts = {};
      const there = async () => {
        now = await tally(base.db, caller.accountId);
        return JSON.stringify(sorted(now)) === JSON.stringify(sorted(counts));
      };
      await until(() => `${JSON.stringify(counts)}; there are ${JSON.stringify(now)}`, there, 10_000);
    },
  };
}

const sorted = (counts: Counts) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
