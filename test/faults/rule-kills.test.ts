import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import type { Api } from './rig/api.ts';
import { seeded } from './rig/seeded.ts';
import { openStage } from './rig/stage.ts';
import { until } from './rig/until.ts';

const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));
const OURS = '+61400000000';
const WRITERS = 10;
const LIST = 2_500;
const KILLS = 4;

interface Action {
  handset: string;
  state: string;
  outcome: string;
}

async function dataOf<T>(api: Api, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text, json } = await api.call(method, path, body === undefined ? {} : { body });
  if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text.slice(0, 300)}`);
  return json.data as T;
}

const writer = (i: number) => `+6142000000${i}`;

async function makeList(api: Api): Promise<number> {
  const { list_id } = await dataOf<{ list_id: number }>(api, 'POST', '/v3/lists', { list_name: 'Choir' });
  const lines = Array.from({ length: LIST }, (_, i) => `+614${10_000_000 + i}`);
  const content = Buffer.from(['phone', ...lines].join('\n')).toString('base64');
  const { _url } = await dataOf<{ _url: string }>(api, 'POST', '/v3/uploads?convert=csv', { content });
  const order = { file_url: _url, field_order: ['phone'] };
  await dataOf(api, 'POST', `/v3/lists/${list_id}/import`, order);
  const count = () => dataOf<{ _contacts_count: number }>(api, 'GET', `/v3/lists/${list_id}`);
  await until('the list', async () => (await count())._contacts_count === LIST, 30_000);
  return list_id;
}

async function makeRule(api: Api, action: string, more: object): Promise<number> {
  const rule = { rule_name: action, dedicated_number: '*', message_search_type: 0, action, enabled: 1, ...more };
  const made = await dataOf<{ inbound_rule_id: number }>(api, 'POST', '/v3/automations/sms/inbound', rule);
  return made.inbound_rule_id;
}

const actionsOf = async (api: Api, rule: number): Promise<Action[]> =>
  (await dataOf<{ data: Action[] }>(api, 'GET', `/v3/automations/sms/inbound/${rule}/actions?limit=100`)).data;

test(verifies(
  'rules:once',
  'rules:group-sms',
  'kill -9 while texts are answered and forwarded to a list: each answer and each forward is accepted once',
), { timeout: 240_000 }, async () => {
  const random = seeded(seed);
  const stage = await openStage();
  try {
    let api = await stage.start();
    const list = await makeList(api);
    const reply = await makeRule(api, 'AUTO_REPLY', { body: 'r000000 We sing at six.' });
    const group = await makeRule(api, 'GROUP_SMS', { action_address: String(list) });
    // So that the platform knows whose the texts are.
    const asking = Array.from({ length: WRITERS }, (_, i) => ({ to: writer(i), body: 'r000001 Do you sing?' }));
    await api.send(asking, 'asking');
    await until('the question is out', () => stage.smsc.taken.length === WRITERS);
    stage.smsc.say(asking.map(({ to }, i) => ({ from: to.slice(1), to: OURS.slice(1), body: `r0001${10 + i} yes` })));
    // A text without an id of the carrier's, not acknowledged, would come again as another.
    await until('the texts are kept', () => stage.smsc.owed === 0);
    const accepted = async () => (await dataOf<{ total: number }>(api, 'GET', '/v3/sms/history?limit=1')).total;
    const share = (WRITERS * LIST) / (KILLS + 1);
    for (let kill = 1; kill <= KILLS; kill++) {
      const enough = share * kill - random.below(share / 2);
      await until('it is under way', async () => (await accepted()) > enough, 30_000);
      await stage.kill();
      api = await stage.start();
    }
    expect(await accepted()).toBeLessThan(WRITERS * LIST);
    const left = async () => (await actionsOf(api, group)).filter(({ state }) => state !== 'done').length;
    await until('all is forwarded', async () => (await left()) === 0, 120_000);
    expect((await actionsOf(api, group)).map(({ outcome }) => outcome)).toEqual(
      Array(WRITERS).fill(`Forwarded to ${LIST} contacts.`),
    );
    expect((await actionsOf(api, reply)).map(({ state }) => state)).toEqual(Array(WRITERS).fill('done'));

    const history = (await api.history()) as unknown as { to: string; body: string }[];
    const answers = history.filter(({ body }) => body.includes('We sing at six'));
    expect(answers.map(({ to }) => to).sort()).toEqual(asking.map(({ to }) => to));
    const forwards = history.filter(({ body }) => body.startsWith('From ')).map(({ to, body }) => `${to} ${body}`);
    expect(forwards, `seed ${seed}`).toHaveLength(WRITERS * LIST);
    expect(new Set(forwards).size).toBe(WRITERS * LIST);
    const submits = stage.smsc.log.map(({ destination, text }) => `${destination} ${text}`);
    expect(submits.length - new Set(submits).size, 'sent twice').toBe(0);
  } finally {
    await stage.close();
  }
});
