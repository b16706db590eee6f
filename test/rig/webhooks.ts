import { createHash, hkdfSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import type { Caller } from '@veredus/server/accounts/caller';
import type { Database } from '@veredus/server/db/db';
import { messageIds } from '@veredus/server/messages/ids';
import { systemClock, systemRandom } from '@veredus/server/system';
import { enqueueWebhooks, type NewWebhook } from '@veredus/server/webhooks/enqueue';
import { webhookRoutes } from '@veredus/server/webhooks/routes';
import { type WebhookSender, webhookSender } from '@veredus/server/webhooks/send';
import { type PretendInternet, pretendInternet } from './pretend-internet.ts';

/** A request as a customer's server got it. */
export interface Got {
  host: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** By the hand clock. */
  at: number;
}

/** A sender on a database, and the servers of customers it sends to, by their host. Time passes by hand. */
export interface Hooks {
  readonly internet: PretendInternet;
  readonly sender: WebhookSender;
  /** What arrived, in order. */
  readonly got: Got[];
  /** How a host answers; one that is not here says 200. */
  readonly answers: Map<string, (response: ServerResponse, request: IncomingMessage) => void>;
  readonly logged: string[];
  /** How often a call said that something was set due. */
  wakes: number;
  queue(...items: Partial<NewWebhook>[]): Promise<string[]>;
  /** Sends all that is due now and waits for the answers. */
  settle(): Promise<void>;
  /** Goes on to when something comes due next, or to `latest`, and sends it; false = nothing is waiting. */
  next(latest?: number): Promise<boolean>;
  /** Another node on the same database. */
  node(): WebhookSender;
  close(): Promise<void>;
}

/** Key `generation` of an endpoint, as the rig derives them. */
export const rigKey = (endpointId: number, generation: number): Buffer =>
  Buffer.from(hkdfSync('sha256', createHash('sha256').update('rig').digest(), '', `${endpointId}/${generation}`, 32));

export async function openHooks(db: Database, accountId: number): Promise<Hooks> {
  const internet = await pretendInternet();
  const got: Got[] = [];
  const answers: Hooks['answers'] = new Map();
  const logged: string[] = [];
  internet.site = async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const host = request.headers.host ?? '';
    const headers = request.headers as Record<string, string>;
    const { method = '', url = '' } = request;
    got.push({ host, method, url, headers, body: String(Buffer.concat(pieces)), at: internet.clock.now() });
    const answer = answers.get(host);
    if (answer) answer(response, request);
    else response.end('ok');
  };
  const newId = messageIds(internet.clock, systemRandom);
  const node = () =>
    webhookSender({
      pool: db.enginePool,
      clock: internet.clock,
      // Without jitter, so that a test can tell when things come.
      random: { next: () => 0, bytes: systemRandom.bytes },
      outbound: internet.parts,
      keyOf: rigKey,
      log(event, facts) {
        // What became of an endpoint is no fault of the sender's.
        if (!['webhook.disabled', 'webhook.recovered'].includes(event))
          logged.push(`${event} ${JSON.stringify(facts)}`);
      },
    });
  const sender = node();
  const settle = async () => {
    await sender.run();
    await sender.idle();
  };
  return {
    internet,
    sender,
    got,
    answers,
    logged,
    wakes: 0,
    node,
    settle,
    queue: (...items) =>
      enqueueWebhooks(
        db.enginePool,
        items.map((item) => ({ ...event(accountId), ...item })),
        { at: internet.clock.now(), newId },
      ) as Promise<string[]>,
    async next(latest = Number.POSITIVE_INFINITY) {
      const due = await nextDue(db);
      if (due === null) return false;
      internet.clock.advance(Math.max(0, Math.min(due, latest) - internet.clock.now()));
      await settle();
      return true;
    },
    async close() {
      await sender.stop();
      await internet.close();
    },
  };
}

const event = (accountId: number): NewWebhook => ({
  accountId,
  url: 'https://hooks.example/in',
  method: 'post',
  kind: 'inbound',
  subjectId: null,
  fields: { body: 'Thanks!', from: '+61411111111', timestamp: 1_789_990_100 },
  depth: 0,
  occurredAt: systemClock.now(),
});

/** When something that waits may be tried next. */
async function nextDue(db: Database): Promise<number | null> {
  const { rows } = await db.enginePool.query(
    `select min(greatest(d.next_attempt_at, e.blocked_until)) as due from webhook_deliveries d
     join webhook_endpoints e using (endpoint_id) where d.state = 0 and e.disabled_at is null`,
  );
  return rows[0].due;
}

export async function deliveriesOf(db: Database) {
  const { rows } = await db.enginePool.query('select * from webhook_deliveries order by id');
  return rows;
}

export async function endpointsOf(db: Database) {
  const { rows } = await db.enginePool.query('select * from webhook_endpoints order by endpoint_id');
  return rows;
}

export async function attemptsOf(db: Database) {
  const { rows } = await db.enginePool.query('select * from webhook_attempts order by delivery_id, attempt');
  return rows;
}

export async function eventsOf(db: Database) {
  const { rows } = await db.enginePool.query('select account_id, kind, facts, alert_due from events order by event_id');
  return rows;
}

/** Forgets all webhooks. */
export async function clearHooks(db: Database): Promise<void> {
  await db.enginePool.query('delete from webhook_deliveries; delete from webhook_endpoints; delete from events');
}

export type WebhookCall = keyof ReturnType<typeof webhookRoutes>;
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Answered = any;

/** A call about webhooks as the door makes it: read by its schema, and its answer held to that. */
export async function webhookCall(
  db: Database,
  hooks: Hooks,
  id: WebhookCall,
  { by, ...input }: { by: Caller; params?: object; query?: object; body?: object },
): Promise<Answered> {
  const handlers = webhookRoutes({
    db,
    clock: hooks.internet.clock,
    publicUrl: () => 'https://msg.example',
    keyOf: rigKey,
    allowUrls: [],
    wakeWebhooks: () => void hooks.wakes++,
  });
  const read = readCall(endpoints[id], input);
  if (!read.ok) throw Object.assign(new Error('unreadable'), { fields: read.fields });
  const { data } = await (handlers[id] as (call: object) => Promise<{ data: unknown }>)({ ...read.call, caller: by });
  return endpoints[id].data.parse(data);
}
