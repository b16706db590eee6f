import { rm } from 'node:fs/promises';
import { EventSource } from 'eventsource';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { ask, type House, openHouse, type Tenant } from '../faults/rig/house.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: events tell things of every shape.
type Told = { id: string; kind: string; data: any };

describe('the npm package eventsource, unmodified', () => {
  let folder: string;
  let server: RunningServer | null = null;
  let source: EventSource | null = null;
  let told: Told[];
  /** What it asked for, each time. */
  let asked: (string | null)[];

  beforeEach(async () => {
    [told, asked] = [[], []];
    folder = await temporaryFolder('veredus-events-');
    server = await startServer(folder);
  });
  afterEach(async () => {
    source?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Follows wherever the server is at the moment: a start takes another free port. */
  function follow(): void {
    const { username, api_key } = server!.credentials;
    const authorization = `Basic ${Buffer.from(`${username}:${api_key}`).toString('base64')}`;
    source = new EventSource(`${server!.url}/v3/events?kinds=message.status`, {
      fetch: (_, init) => {
        asked.push(new Headers(init.headers as Record<string, string>).get('last-event-id'));
        const headers = { ...init.headers, authorization };
        return fetch(`${server?.url ?? 'http://127.0.0.1:1'}/v3/events?kinds=message.status`, { ...init, headers });
      },
    });
    for (const kind of ['ready', 'reset', 'message.status']) {
      source.addEventListener(kind, ({ lastEventId, data }) => {
        told.push({ id: lastEventId, kind, data: JSON.parse(data) });
      });
    }
  }
  const send = async (custom_string: string): Promise<string> => {
    const message = { to: '+61411111111', body: 'hello', custom_string };
    const { body } = await server!.call('POST', '/v3/sms/send', { messages: [message] });
    return body.data.messages[0].message_id;
  };
  const delivered = (id: string) => told.filter(({ data }) => data.message_id === id && data.delivered);

  test(verifies('events:client', 'hears of a message, and goes on by itself when the server is back'), async () => {
    follow();
    await eventually(async () => told.some(({ kind }) => kind === 'ready'));
    const first = await send('first');
    await eventually(async () => delivered(first).length > 0);
    expect(delivered(first)[0]!.data).toMatchObject({ status: 'Sent', status_code: '201', custom_string: 'first' });
    // Sent while nobody listens to it: it is told when the stream is back.
    const { id } = told.at(-1)!;
    await server!.stop();
    server = await startServer(folder);
    const second = await send('second');
    await eventually(async () => delivered(second).length > 0, 30_000);
    expect(asked[0]).toBeNull();
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.slice(1))).toEqual(new Set([id]));
    expect(told.some(({ kind }) => kind === 'reset')).toBe(false);
    const states = told.filter(({ kind }) => kind === 'message.status').map((one) => one.id);
    expect(new Set(states).size).toBe(states.length);
    expect([delivered(first).length, delivered(second).length]).toEqual([1, 1]);
  }, 60_000);

  test(verifies('events:stop', 'does not keep the server from stopping'), async () => {
    follow();
    await eventually(async () => told.length > 0);
    const begun = performance.now();
    expect(await server!.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(4_000);
    server = null;
  });
});

describe('what is told', () => {
  let house: House;
  let tenant: Tenant;

  beforeAll(async () => {
    house = await openHouse();
    tenant = await house.tenant('told');
  });
  afterAll(async () => {
    await house.close();
    expect(house.bugs).toEqual([]);
  });

  const call = async (method: string, path: string, body?: object) => {
    const credentials = `${tenant.username}:${tenant.key}`;
    const answer = await ask(house.url, method, path, { credentials, ...(body ? { body } : {}) });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.data;
  };
  /** Everything of some kinds from a place on, once it is so many. */
  const since = (after: string, kinds: string, count: number): Promise<Told[]> =>
    eventually(async () => {
      const { events } = await call('GET', `/v3/events/page?after=${after}&kinds=${kinds}&limit=1000`);
      return events.length >= count && events;
    });
  const present = async (): Promise<string> => (await call('GET', '/v3/events/page')).next;

  test(verifies('events:shape', 'each state of a message, in their order'), async () => {
    const next = await present();
    const { messages } = await call('POST', '/v3/sms/send', { messages: [{ to: '+61411111112', body: 'hi' }] });
    const seen = await since(next, 'message.status', 2);
    expect(seen.map(({ data }) => [data.message_id, data.status_code, data.delivered])).toEqual([
      [messages[0].message_id, '200', false],
      [messages[0].message_id, '201', true],
    ]);
  });

  test(verifies('events:sources', 'the turns of a campaign and the end of an import'), async () => {
    const next = await present();
    const { list_id } = await call('POST', '/v3/lists', { list_name: 'Told' });
    const { _url: file_url } = await call('POST', '/v3/uploads?convert=csv', {
      content: Buffer.from('+61411111113,Mei\nnobody,Kim\n').toString('base64'),
    });
    const order = { file_url, field_order: ['phone', 'first_name'] };
    const { id: import_id } = await call('POST', `/v3/lists/${list_id}/import`, order);
    const [imported] = await since(next, 'import.state', 1);
    const counts = { rows_added: 1, rows_refused: 1, words: null };
    expect(imported!.data).toMatchObject({ kind: 'import.state', import_id, list_id, state: 'done', ...counts });

    const campaign = { list_id, name: 'Rye', body: 'Hi (First Name) STOP' };
    const later = { ...campaign, schedule: Math.floor(Date.now() / 1_000) + 3_600 };
    const { sms_campaign_id: waiting } = await call('POST', '/v3/sms-campaigns/send', later);
    for (const turn of ['pause', 'resume', 'cancel']) await call('PUT', `/v3/sms-campaigns/${waiting}/${turn}`);
    const { sms_campaign_id: sent } = await call('POST', '/v3/sms-campaigns/send', campaign);
    await since(next, 'campaign.state', 5);
    const { sms_campaign_id: dropped } = await call('POST', '/v3/sms-campaigns/send', later);
    await call('PUT', '/v3/sms/cancel-all');
    const turns = await since(next, 'campaign.state', 6);
    const of = (id: number) =>
      turns.filter(({ data }) => data.sms_campaign_id === id).map(({ data }) => [data.state, data.name]);
    expect(of(waiting)).toEqual(['paused', 'scheduled', 'cancelled'].map((state) => [state, 'Rye']));
    expect(of(sent)).toEqual(['sending', 'sent'].map((state) => [state, 'Rye']));
    expect(of(dropped)).toEqual([['cancelled', 'Rye']]);
    expect(turns.at(-1)!.data).toMatchObject({ kind: 'campaign.state', recipients: 1, words: null });
  });
});
