import { afterEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import type { Api, SentItem } from './rig/api.ts';
import { isDelivered, isUnknown, judge } from './rig/judge.ts';
import { takeAndDeliver } from './rig/smsc.ts';
import { openStage, type Stage, texts, WINDOW } from './rig/stage.ts';
import { until } from './rig/until.ts';

let stage: Stage;
afterEach(() => stage.close());

const byId = (items: SentItem[]) => new Map(items.map((item) => [item.message_id, item]));

async function expectKept(api: Api, items: SentItem[], crashes = 1) {
  const facts = { api, setup: stage.setup, accepted: byId(items), log: stage.smsc.log, crashes, mostUnknown: WINDOW };
  const verdict = await judge(facts);
  expect(verdict.violations, stage.said()).toEqual([]);
  return verdict;
}

test(
  verifies('fault:F2', 'killed before the response: UNKNOWN, not sent again, and resolved by its receipt'),
  async () => {
    stage = await openStage();
    const { smsc } = stage;
    smsc.behaviour = () => ({ afterMs: null, status: 0, reports: [] });
    const items = await (await stage.start()).send(texts(30, 0), 'key-1');
    await until('a full window', () => smsc.log.length === WINDOW);
    await stage.kill();
    // The answers died with the connection; the centre has the messages all the same, and says so to the next bind.
    smsc.behaviour = takeAndDeliver;
    smsc.holdReceipts = true;
    const api = await stage.start();
    await until('the rest', () => smsc.log.length === 30, 60_000);
    await until('the window UNKNOWN', async () => (await api.history()).filter(isUnknown).length === WINDOW);
    await expectKept(api, items);
    smsc.report(smsc.log.slice(0, WINDOW));
    smsc.holdReceipts = false;
    await until('all delivered', async () => (await api.history()).every(isDelivered), 30_000);
    expect(await expectKept(api, items)).toMatchObject({
      accepted: 30,
      delivered: 30,
      unknown: 0,
      repeats: 0,
      drift: 0,
    });
  },
);

test(verifies('fault:F3', 'killed before the settlement is written: UNKNOWN, and no second submit'), async () => {
  stage = await openStage({ proxied: true });
  const { smsc, proxy } = stage;
  smsc.holdReceipts = true;
  const first = await stage.start();
  const caught = proxy!.set({ words: 'settle-chunk', hold: 'request' });
  const items = await first.send(texts(WINDOW, 0), 'key-1');
  await caught;
  await stage.kill();
  expect(smsc.taken.length).toBe(WINDOW);
  const api = await stage.start();
  await until('UNKNOWN', async () => (await api.history()).filter(isUnknown).length === WINDOW, 60_000);
  await expectKept(api, items);
  smsc.holdReceipts = false;
  await until('all delivered', async () => (await api.history()).every(isDelivered), 30_000);
  expect(await expectKept(api, items)).toMatchObject({ delivered: WINDOW, repeats: 0, drift: 0 });
});

test(verifies('fault:F3', 'killed when it is written but not yet known: submitted, as the table says'), async () => {
  stage = await openStage({ proxied: true });
  const { smsc, proxy } = stage;
  const first = await stage.start();
  const caught = proxy!.set({ words: 'settle-chunk', hold: 'answer' });
  const items = await first.send(texts(3, 0), 'key-1');
  await caught;
  await stage.kill();
  const api = await stage.start();
  await until('all delivered', async () => (await api.history()).every(isDelivered), 60_000);
  expect(smsc.log).toHaveLength(3);
  await expectKept(api, items);
});

test.each([
  ['after the commit', 'answer' as const],
  ['before the commit', 'request' as const],
])('[fault:F4] killed %s, a client that repeats its call has one message', async (_, hold) => {
  stage = await openStage({ proxied: true });
  const { smsc, proxy } = stage;
  const first = await stage.start();
  const caught = proxy!.set({ words: 'commit', after: 'take-key', hold });
  const unanswered = first.send(texts(5, 0), 'key-1').catch((error: Error) => error);
  await caught;
  await stage.kill();
  expect(await unanswered).toBeInstanceOf(Error);
  const api = await stage.start();
  const headers = { 'idempotency-key': 'key-1' };
  const answer = await api.call('POST', '/v3/sms/send', { body: { messages: texts(5, 0) }, headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('idempotent-replayed')).toBe(hold === 'answer' ? 'true' : null);
  const items = (answer.json.data as { messages: SentItem[] }).messages;
  expect(items.map(({ status }) => status)).toEqual(Array(5).fill('SUCCESS'));
  await until('five delivered', async () => (await api.history()).filter(isDelivered).length === 5, 60_000);
  expect(smsc.log).toHaveLength(5);
  await expectKept(api, items);
});
