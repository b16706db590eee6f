import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { recordEvent } from '../events/record.ts';
import type { Outcome } from './attempt.ts';
import { shownUrl } from './check-url.ts';
import { type DeliveryChange, judge } from './judge.ts';
import { Delivery } from './store.ts';
import {
  type EndpointStanding,
  hastenWaiting,
  insertAttempts,
  type LockedDelivery,
  lockDeliveries,
  lockEndpoints,
  trimLog,
  updateDeliveries,
  updateStandings,
} from './store-settle.ts';

export interface SettleParts {
  pool: Pool;
  clock: Clock;
  random: Random;
  log(event: string, facts: Record<string, unknown>): void;
}

/** What waits for an endpoint that is back is sent over so long. */
const SPREAD_MS = 60_000;
const HASTENED = 5_000;
/** Attempts of one delivery that are kept; somebody may replay it again and again. */
export const LOGGED = 100;

interface News {
  endpoint: EndpointStanding;
  what: 'recovered' | 'disabled';
}

/**
 * Writes what attempts came to, all in one transaction: the log, the deliveries, the endpoints, and what their people should
 * know. Each is judged on the endpoint as the one before it left it.
 */
export async function settle(parts: SettleParts, outcomes: readonly Outcome[]): Promise<void> {
  const now = parts.clock.now();
  await inTransaction(parts.pool, async (run) => {
    const endpoints = new Map(
      (await lockEndpoints(run, [...new Set(outcomes.map(({ claimed }) => claimed.endpoint_id))])).map(
        (endpoint) => [endpoint.endpoint_id, endpoint] as const,
      ),
    );
    const deliveries = new Map(
      (
        await lockDeliveries(
          run,
          outcomes.map(({ claimed }) => claimed.id),
        )
      ).map((delivery) => [delivery.id, delivery] as const),
    );
    const kept: { outcome: Outcome; attempt: number }[] = [];
    const changes: (DeliveryChange & { id: string })[] = [];
    const news: News[] = [];
    for (const outcome of outcomes) {
      const delivery = deliveries.get(outcome.claimed.id);
      const endpoint = endpoints.get(outcome.claimed.endpoint_id);
      if (!delivery || !endpoint) continue;
      kept.push({ outcome, attempt: delivery.logged + 1 });
      const judged = judge(endpoint, attemptedOf(outcome, delivery, now), () => parts.random.next());
      Object.assign(endpoint, judged.standing);
      if (judged.news) news.push({ endpoint: { ...endpoint }, what: judged.news });
      if (counts(outcome, delivery)) changes.push({ id: delivery.id, ...judged.delivery });
    }
    await insertAttempts(run, kept);
    const long = kept.filter(({ attempt }) => attempt > LOGGED);
    if (long.length > 0)
      await trimLog(
        run,
        long.map(({ outcome, attempt }) => ({ id: outcome.claimed.id, through: attempt - LOGGED })),
      );
    await updateDeliveries(run, changes);
    await updateStandings(run, [...endpoints.values()]);
    for (const one of news) {
      await tell(run, one, now);
      const { account_id: account, endpoint_id: endpoint, last_fault: fault } = one.endpoint;
      parts.log(`webhook.${one.what}`, { account, endpoint, fault });
    }
  });
}

function attemptedOf(outcome: Outcome, delivery: LockedDelivery, now: number): Parameters<typeof judge>[1] {
  const { status, fault, retryAfter, startedAt, claimed } = outcome;
  const { attempts, give_up_at: giveUpAt } = delivery;
  return { attempts, giveUpAt, status, fault, retryAfter, startedAt, at: now, probe: claimed.probe };
}

/** A success is one, whoever claims the delivery by now; a failure of a claim that was lost is another's to judge. */
function counts({ claimed, fault }: Outcome, delivery: LockedDelivery): boolean {
  if (fault === null) return delivery.state !== Delivery.delivered;
  return delivery.state === Delivery.waiting && delivery.claimed_until === claimed.claimed_until;
}

async function tell(run: Runner, { endpoint, what }: News, now: number): Promise<void> {
  const facts = { endpoint_id: endpoint.endpoint_id, url: shownUrl(endpoint.url) };
  const event = { accountId: endpoint.account_id, at: now };
  if (what === 'recovered') {
    await hastenWaiting(run, endpoint.endpoint_id, { now, spreadMs: SPREAD_MS, limit: HASTENED });
    await recordEvent(run, { ...event, kind: 'webhook.recovered', facts });
    return;
  }
  const why = endpoint.disabled_why ?? '';
  const subject = `Webhooks to ${URL.canParse(endpoint.url) ? new URL(endpoint.url).host : 'an address'} were stopped`;
  const text =
    `Nothing more is sent to ${facts.url} (webhook endpoint ${facts.endpoint_id}). ${why}\n` +
    `The last fault was: ${endpoint.last_fault ?? 'none'}\n\n` +
    'What was meant for it is kept for 30 days. When it works again, enable it ' +
    `(POST /v3/webhooks/${facts.endpoint_id}/enable) and have it sent (POST /v3/webhooks/${facts.endpoint_id}/replay).\n`;
  await recordEvent(run, { ...event, kind: 'webhook.disabled', facts: { ...facts, why, subject, text }, alert: true });
}
