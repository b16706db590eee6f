import { afterEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import type { Api } from './rig/api.ts';
import { isDelivered, isUnknown } from './rig/judge.ts';
import { openStage, type Stage, texts } from './rig/stage.ts';
import { until } from './rig/until.ts';

let stage: Stage;
afterEach(() => stage.close());

const PATIENCE = 25_000;
const countOf = async (api: Api, q: string) => (await api.history(q)).length;

async function sendAll(api: Api, from: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 500) await api.send(texts(500, from + sent), `key-${from + sent}`);
}

test(
  verifies('fault:F20', 'an acknowledged receipt is kept: what the kill interrupts comes again, and nothing is lost'),
  async () => {
    stage = await openStage();
    const { smsc } = stage;
    smsc.holdReceipts = true;
    const first = await stage.start();
    await sendAll(first, 0, 2_000);
    await until('submitted', () => smsc.taken.length === 2_000, PATIENCE);
    const known = smsc.taken.slice();
    // Beside each real one, one for a message nobody has sent.
    smsc.report(known.map((submit) => ({ ...submit, id: `f${submit.id}` })));
    const sending = sendAll(first, 2_000, 2_000).catch(() => {});
    smsc.holdReceipts = false;
    await until('half of them acknowledged', () => smsc.owed < 3_000, PATIENCE);
    await stage.kill();
    await sending;
    const api = await stage.start();
    await until(
      () => `all receipts taken, ${smsc.owed} owed`,
      () => smsc.owed === 0,
      PATIENCE,
    );
    // What the crash left unanswered is settled by its receipt; a receipt that was acknowledged and lost would never come again.
    const left = async () => (await api.history()).filter((row) => !isDelivered(row) && !isUnknown(row));
    await until('all delivered', async () => (await left()).length === 0, PATIENCE);
    expect(await countOf(api, '')).toBeGreaterThanOrEqual(2_000);
  },
);

test(
  verifies('fault:F21', 'nothing is acknowledged before the database is back, and then nothing is missing'),
  async () => {
    stage = await openStage({ proxied: true });
    const { smsc, proxy } = stage;
    smsc.holdReceipts = true;
    const api = await stage.start();
    await api.send(texts(50, 0), 'key-1');
    await until('submitted', async () => smsc.taken.length === 50);
    await until('settled', async () => (await api.history('&q=status:Sent')).length === 50);
    proxy!.down = true;
    proxy!.cut();
    smsc.holdReceipts = false;
    const handsets = Array.from({ length: 20 }, (_, i) => ({
      from: `614${10_000_000 + i}`,
      to: '61491570006',
      body: `answer ${i}`,
    }));
    smsc.say(handsets);
    await until('refusals', () => smsc.turnedDown > 20, PATIENCE);
    expect(smsc.owed).toBe(70);
    proxy!.down = false;
    await until('everything taken', () => smsc.owed === 0, PATIENCE);
    await until('all delivered', async () => (await api.history()).every(isDelivered), PATIENCE);
    const inbound = await until('the texts', async () => {
      const { json } = await api.call('GET', '/v3/sms/inbound?limit=100');
      const page = json.data as { data: { body: string }[] };
      return page.data.length >= 20 && page.data;
    });
    expect(inbound.map(({ body }) => body).sort()).toEqual(handsets.map(({ body }) => body).sort());
  },
);
