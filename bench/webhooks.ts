import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Database, openDatabase } from '@veredus/server/db/db';
import { migrate } from '@veredus/server/db/migrate';
import { withClient } from '@veredus/server/db/with-client';
import { messageIds } from '@veredus/server/messages/ids';
import { systemOutbound } from '@veredus/server/outbound/system-outbound';
import { systemClock as clock, systemRandom as random } from '@veredus/server/system';
import { enqueueWebhooks } from '@veredus/server/webhooks/enqueue';
import { type WebhookSender, webhookSender } from '@veredus/server/webhooks/send';
import { onDatabase } from '../test/rig/global-setup.ts';
import { addAccount } from '../test/rig/stored-messages.ts';
import { startDatabase } from './database.ts';
import type { Ports } from './webhook-receiver.ts';

/**
 * What pushing events costs: how fast they reach a server that answers at once, next to a bare loop of Node's HTTP client; and how
 * late they come there while two other servers of the same account are dead.
 */

export interface WebhookFigures {
  /** Deliveries a second, by the sender and by bare loops. */
  sent: number;
  bare: number;
  bareKeptAlive: number;
  /** ms from the event to its arrival under a steady load, alone and beside the dead ones. */
  alone: Delays;
  beside: Delays;
}

interface Delays {
  p50: number;
  p95: number;
}

export const MOST_DELAY_MS = 5_000;
const ROUNDS = 3;
const SENT = 4_000;
/** As many as the sender gives an endpoint that answers quickly. */
const AT_ONCE = 8;
const LOAD = { perSecond: 100, seconds: 6 };
const BACKLOG = 5_000;
const BODY = { from: '+61411111111', to: '+61422222222', body: 'x'.repeat(100), timestamp: 1_790_000_000 };
const RECEIVER = fileURLToPath(new URL('webhook-receiver.ts', import.meta.url));

/** @param url superuser's connection string of a server; databases are made on it and dropped again. */
export async function measureWebhooks(url: string): Promise<WebhookFigures> {
  const child = fork(RECEIVER);
  const [ports] = (await once(child, 'message')) as [Ports];
  const arrived = async (): Promise<number[]> => {
    child.send('delays');
    return (await once(child, 'message'))[0] as number[];
  };
  const rounds: WebhookFigures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await bareRate(ports.good, false);
    const bareKeptAlive = await bareRate(ports.good, true);
    const name = `webhooks_${round}`;
    await withClient(url, (admin) => admin.query(`create database ${name}`));
    await migrate(onDatabase(url, name), { clock, log: () => {} });
    const post = await openPost(onDatabase(url, name), ports);
    await arrived();
    const sent = await post.rate();
    await arrived();
    const alone = delaysOf(await post.load([]).then(arrived));
    const beside = delaysOf(await post.load(['silent', 'refusing']).then(arrived));
    await post.close();
    await withClient(url, (admin) => admin.query(`drop database ${name} with (force)`));
    rounds.push({ sent, bare, bareKeptAlive, alone, beside });
  }
  child.disconnect();
  return mediansOf(rounds);
}

/** The same requests by Node's own client, signed, and nothing stored. */
async function bareRate(port: number, keepAlive: boolean): Promise<number> {
  const agent = new Agent({ keepAlive, maxSockets: AT_ONCE });
  const body = new URLSearchParams({ ...BODY, timestamp: String(BODY.timestamp) }).toString();
  let left = SENT;
  const loop = async () => {
    while (left-- > 0) await bareRequest(agent, port, body);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  return SENT / seconds;
}

function bareRequest(agent: Agent, port: number, body: string): Promise<unknown> {
  const signature = createHmac('sha256', 'key').update(body).digest('base64');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'webhook-signature': signature };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: 'POST', headers, agent };
    request(options, (response) => response.resume().once('end', resolve).once('error', reject))
      .once('error', reject)
      .end(body);
  });
}

/** A sender on a database of its own. */
async function openPost(url: string, ports: Ports) {
  const db = openDatabase(url, { clock, log: () => {} });
  const { accountId } = await addAccount(db, 'bench');
  const allow = Object.values(ports).map((port: number) => ({ host: '127.0.0.1', port }));
  const keyOf = () => Buffer.alloc(32, 7);
  const outbound = systemOutbound({ allow }, clock);
  const sender = webhookSender({ pool: db.enginePool, clock, random, outbound, keyOf, log: console.error });
  const newId = messageIds(clock, random);
  const queue = (to: keyof Ports, count: number) => {
    const at = clock.now();
    const event = { accountId, kind: 'inbound', subjectId: null, method: 'post', depth: 0, fields: BODY } as const;
    const item = { ...event, url: `http://127.0.0.1:${ports[to]}/${to}`, occurredAt: at };
    return enqueueWebhooks(db.enginePool, new Array(count).fill(item), { at, newId });
  };
  const looking = setInterval(() => void sender.run(), 1_000);
  return {
    async rate(): Promise<number> {
      for (let left = SENT; left > 0; left -= 1_000) await queue('good', Math.min(left, 1_000));
      return rateOf(db, sender);
    },
    async load(dead: readonly (keyof Ports)[]): Promise<void> {
      for (const one of dead) for (let left = BACKLOG; left > 0; left -= 1_000) await queue(one, 1_000);
      sender.wake();
      for (let i = 0; i < LOAD.seconds * LOAD.perSecond; i++) {
        for (const one of dead) await queue(one, 1);
        await queue('good', 1);
        sender.wake();
        await sleep(1_000 / LOAD.perSecond);
      }
      await allDelivered(db);
    },
    async close(): Promise<void> {
      clearInterval(looking);
      await sender.stop(100);
      await db.close();
    },
  };
}

async function rateOf(db: Database, sender: WebhookSender): Promise<number> {
  const start = performance.now();
  sender.wake();
  await allDelivered(db);
  return SENT / ((performance.now() - start) / 1000);
}

/** Waits for what the good one is still owed. */
async function allDelivered(db: Database): Promise<void> {
  for (;;) {
    const { rows } = await db.enginePool.query(
      `select exists (select from webhook_deliveries d join webhook_endpoints e using (endpoint_id)
         where d.state = 0 and e.url like '%/good') as waiting`,
    );
    if (!rows[0].waiting) return;
    await sleep(20);
  }
}

function delaysOf(delays: number[]): Delays {
  const sorted = delays.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]!;
  return { p50: at(0.5), p95: at(0.95) };
}

function mediansOf(rounds: readonly WebhookFigures[]): WebhookFigures {
  const of = (pick: (one: WebhookFigures) => number) => rounds.map(pick).sort((a, b) => a - b)[rounds.length >> 1]!;
  return {
    sent: of((one) => one.sent),
    bare: of((one) => one.bare),
    bareKeptAlive: of((one) => one.bareKeptAlive),
    alone: { p50: of((one) => one.alone.p50), p95: of((one) => one.alone.p95) },
    beside: { p50: of((one) => one.beside.p50), p95: of((one) => one.beside.p95) },
  };
}

/** The figures as lines for people; a goal that was missed is marked. */
export function webhookTable({ sent, bare, bareKeptAlive, alone, beside }: WebhookFigures): string {
  const line = (name: string, ...cells: string[]) => name.padEnd(44) + cells.map((cell) => cell.padStart(14)).join('');
  const met = beside.p95 < MOST_DELAY_MS;
  return [
    line('webhooks to one server that answers at once', 'sender', 'bare loop', 'kept alive'),
    line('deliveries/s', sent.toFixed(0), bare.toFixed(0), bareKeptAlive.toFixed(0)),
    line('share of the bare loop', (sent / bare).toFixed(2)),
    '',
    line(`${LOAD.perSecond}/s to it, ms from event to arrival`, 'alone', 'beside dead', 'ratio'),
    line('p50', alone.p50.toFixed(0), beside.p50.toFixed(0), (beside.p50 / Math.max(1, alone.p50)).toFixed(2)),
    line('p95', alone.p95.toFixed(0), beside.p95.toFixed(0), (beside.p95 / Math.max(1, alone.p95)).toFixed(2)) +
      (met ? '  ok' : '  MISSED'),
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const database = await startDatabase();
  try {
    console.log(webhookTable(await measureWebhooks(database.url)));
  } finally {
    await database.stop();
  }
}
