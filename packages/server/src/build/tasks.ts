import { ACTIONS_KEPT_DAYS } from '@veredus/contract/endpoints/rule-actions';
import type { Clock } from '@veredus/protocols/clock';
import type { CampaignRunner } from '../campaigns/runner.ts';
import type { Database } from '../db/db.ts';
import { EVENTS_KEPT_MS } from '../events/read-events.ts';
import { dropOldEvents } from '../events/store.ts';
import { dropExpiredFiles } from '../files/store-sweep.ts';
import type { Importer } from '../imports/importer.ts';
import { dropOldImports } from '../imports/store-work.ts';
import { dropOldLinks } from '../links/store.ts';
import { closeExpiredLeases, recoverClaims } from '../messages/store-claims.ts';
import { releaseOldHolds } from '../messages/store-holds.ts';
import { dropOldKeys } from '../messages/store-idempotency.ts';
import type { Task } from '../periodic.ts';
import { dropOldActions } from '../rules/store-actions.ts';
import { rollUp } from '../statistics/rollup.ts';
import type { WebhookSender } from '../webhooks/send.ts';
import { dropIdleEndpoints, dropOldDeliveries } from '../webhooks/store-sweep.ts';
import type { Automation } from './automation.ts';
import type { SmsWay } from './sms-way.ts';
import type { WayOut } from './way-out.ts';

const KEYS_KEPT_MS = 7 * 86_400_000;
/** How long what was pushed can be looked up and sent again. */
const WEBHOOKS_KEPT_MS = 30 * 86_400_000;
/** How long an import is shown and can be undone. */
const IMPORTS_KEPT_MS = 365 * 86_400_000;
/** A little longer than their ids can be gone on from: clocks differ, and what is behind an id must be there whole. */
const EVENTS_DROPPED_MS = EVENTS_KEPT_MS + 3_600_000;
/** What one round of a clean-up may touch, so that it never holds anything up. */
const SWEEP_LIMIT = 5_000;
/** Each may be 64 MB. */
const FILES_SWEPT = 100;

/** What a node that works does again and again. */
export interface TaskParts {
  db: Database;
  clock: Clock;
  sms: SmsWay;
  mail: WayOut;
  campaigns: CampaignRunner;
  importer: Importer;
  automation: Automation;
  webhooks: WebhookSender;
  makePartitions(): Promise<unknown>;
}

export function tasksOf(parts: TaskParts): Task[] {
  const { db, clock, sms, mail, campaigns, importer, automation, webhooks, makePartitions } = parts;
  const pool = db.enginePool;
  return [
    {
      name: 'recover claims',
      everyMs: 5_000,
      async run() {
        await closeExpiredLeases(pool, clock.now());
        const { requeued } = await recoverClaims(pool, clock.now());
        if (requeued === 0) return;
        for (const way of [sms, mail]) way.dispatcher.wake();
      },
    },
    { name: 'match orphan receipts', everyMs: 1_000, run: () => sms.receipts.matchOrphans() },
    { name: 'read replies', everyMs: 1_000, run: () => sms.replies.run() },
    ...automation.tasks,
    { name: 'send webhooks', everyMs: 1_000, run: () => webhooks.run() },
    { name: 'campaigns', everyMs: 1_000, run: () => campaigns.tick() },
    { name: 'run imports', everyMs: 1_000, run: () => importer.takeUp() },
    { name: 'roll up statistics', everyMs: 5_000, run: () => rollUp(pool) },
    {
      name: 'release old holds',
      everyMs: 60_000,
      full: SWEEP_LIMIT,
      run: () => releaseOldHolds(pool, clock.now(), SWEEP_LIMIT),
    },
    {
      name: 'drop old idempotency keys',
      everyMs: 600_000,
      full: SWEEP_LIMIT,
      run: () => dropOldKeys(pool, clock.now() - KEYS_KEPT_MS, SWEEP_LIMIT),
    },
    // Often: a server that sends all day makes hundreds a second.
    {
      name: 'drop old events',
      everyMs: 10_000,
      full: SWEEP_LIMIT,
      run: () => dropOldEvents(pool, clock.now() - EVENTS_DROPPED_MS, SWEEP_LIMIT),
    },
    {
      name: 'drop old rule actions',
      everyMs: 60_000,
      full: SWEEP_LIMIT,
      run: () => dropOldActions(pool, clock.now() - ACTIONS_KEPT_DAYS * 86_400_000, SWEEP_LIMIT),
    },
    {
      name: 'drop old webhooks',
      everyMs: 10_000,
      full: SWEEP_LIMIT,
      run: () => dropOldDeliveries(pool, clock.now() - WEBHOOKS_KEPT_MS, SWEEP_LIMIT),
    },
    {
      name: 'forget idle webhook endpoints',
      everyMs: 600_000,
      full: SWEEP_LIMIT,
      run: () => dropIdleEndpoints(pool, clock.now() - WEBHOOKS_KEPT_MS, SWEEP_LIMIT),
    },
    { name: 'drop expired files', everyMs: 60_000, run: () => dropExpiredFiles(pool, clock.now(), FILES_SWEPT) },
    {
      name: 'drop expired links',
      everyMs: 60_000,
      full: SWEEP_LIMIT,
      run: () => dropOldLinks(pool, clock.now(), SWEEP_LIMIT),
    },
    {
      name: 'drop old imports',
      everyMs: 600_000,
      full: SWEEP_LIMIT,
      run: () => dropOldImports(pool, clock.now() - IMPORTS_KEPT_MS, SWEEP_LIMIT),
    },
    { name: 'make partitions', everyMs: 6 * 3_600_000, run: makePartitions },
  ];
}
