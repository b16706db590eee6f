import type { Clock } from '@veredus/protocols/clock';
import type { CampaignRunner } from '../campaigns/runner.ts';
import type { Database } from '../db/db.ts';
import { dropExpiredFiles } from '../files/store-sweep.ts';
import type { Importer } from '../imports/importer.ts';
import { dropOldImports } from '../imports/store-work.ts';
import { dropOldLinks } from '../links/store.ts';
import { closeExpiredLeases, recoverClaims } from '../messages/store-claims.ts';
import { releaseOldHolds } from '../messages/store-holds.ts';
import { dropOldKeys } from '../messages/store-idempotency.ts';
import type { Task } from '../periodic.ts';
import { rollUp } from '../statistics/rollup.ts';
import type { SmsWay } from './sms-way.ts';

const KEYS_KEPT_MS = 7 * 86_400_000;
/** How long an import is shown and can be undone. */
const IMPORTS_KEPT_MS = 365 * 86_400_000;
/** What one round of a clean-up may touch, so that it never holds anything up. */
const SWEEP_LIMIT = 5_000;
/** Each may be 64 MB. */
const FILES_SWEPT = 100;

/** What a node that works does again and again. */
export interface TaskParts {
  db: Database;
  clock: Clock;
  sms: SmsWay;
  campaigns: CampaignRunner;
  importer: Importer;
  makePartitions(): Promise<unknown>;
}

export function tasksOf({ db, clock, sms, campaigns, importer, makePartitions }: TaskParts): Task[] {
  const pool = db.enginePool;
  return [
    {
      name: 'recover claims',
      everyMs: 5_000,
      async run() {
        await closeExpiredLeases(pool, clock.now());
        const { requeued } = await recoverClaims(pool, clock.now());
        if (requeued > 0) sms.dispatcher.wake();
      },
    },
    { name: 'match orphan receipts', everyMs: 1_000, run: () => sms.receipts.matchOrphans() },
    { name: 'read replies', everyMs: 1_000, run: () => sms.replies.run() },
    { name: 'campaigns', everyMs: 1_000, run: () => campaigns.tick() },
    { name: 'run imports', everyMs: 1_000, run: () => importer.takeUp() },
    { name: 'roll up statistics', everyMs: 5_000, run: () => rollUp(pool) },
    { name: 'release old holds', everyMs: 60_000, run: () => releaseOldHolds(pool, clock.now(), SWEEP_LIMIT) },
    {
      name: 'drop old idempotency keys',
      everyMs: 600_000,
      run: () => dropOldKeys(pool, clock.now() - KEYS_KEPT_MS, SWEEP_LIMIT),
    },
    { name: 'drop expired files', everyMs: 60_000, run: () => dropExpiredFiles(pool, clock.now(), FILES_SWEPT) },
    { name: 'drop expired links', everyMs: 60_000, run: () => dropOldLinks(pool, clock.now(), SWEEP_LIMIT) },
    {
      name: 'drop old imports',
      everyMs: 600_000,
      run: () => dropOldImports(pool, clock.now() - IMPORTS_KEPT_MS, SWEEP_LIMIT),
    },
    { name: 'make partitions', everyMs: 6 * 3_600_000, run: makePartitions },
  ];
}
