import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { ask, type House, openHouse, type Tenant } from '../faults/rig/house.ts';
import { eventually } from '../rig/server.ts';

/** What becomes of each message of a call. */
let house: House;
let tenant: Tenant;

beforeAll(async () => {
  house = await openHouse();
  tenant = await house.tenant('sms');
});
afterAll(async () => {
  await house.close();
  expect(house.bugs).toEqual([]);
});

const call = (method: string, path: string, body?: object, who: Tenant = tenant) =>
  ask(house.url, method, path, { credentials: `${who.username}:${who.key}`, ...(body ? { body } : {}) });
const send = async (messages: object[], who: Tenant = tenant) =>
  (await call('POST', '/v3/sms/send', { messages }, who)).data;
const statuses = async (messages: object[], who: Tenant = tenant): Promise<string[]> =>
  (await send(messages, who)).messages.map(({ status }: { status: string }) => status);
const setAccount = (column: string, value: unknown, who: Tenant = tenant) =>
  house.db.enginePool.query(`update accounts set ${column} = $1 where account_id = $2`, [value, who.accountId]);

const now = () => Math.floor(Date.now() / 1000);

describe('one call', () => {
  test(verifies('sms:thousand', 'takes a thousand, each with an id, a price and a status of its own'), async () => {
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      to: `+6141${String(i).padStart(7, '0')}`,
      body: `n ${i}`,
    }));
    const data = await send(messages);
    expect(data).toMatchObject({ total_count: 1_000, queued_count: 1_000, total_price: 79 });
    expect(new Set(data.messages.map(({ message_id }: { message_id: string }) => message_id)).size).toBe(1_000);
    expect(data.messages.map(({ to }: { to: string }) => to)).toEqual(messages.map(({ to }) => to));
  });

  test(verifies('sms:too-many', 'of a thousand and one is refused whole'), async () => {
    const messages = Array.from({ length: 1_001 }, (_, i) => ({ to: '+61400000001', body: `n ${i}` }));
    const answer = await call('POST', '/v3/sms/send', { messages });
    expect([answer.status, JSON.parse(answer.text).response_code]).toEqual([400, 'TOO_MANY_RECIPIENTS']);
  });

  test(verifies('sms:per-item', 'a message that cannot go harms no neighbour'), async () => {
    expect(
      await statuses([
        { to: '+61400000100', body: 'a' },
        { to: '+6100', body: 'a' },
        { to: '+61400000101', body: '' },
        { body: 'a' },
        { to: '+61400000102', body: 'a', from: 'a tag too long' },
        'nonsense' as unknown as object,
        { to: '+61400000103', body: 'a' },
      ]),
    ).toEqual([
      'SUCCESS',
      'INVALID_RECIPIENT',
      'EMPTY_MESSAGE',
      'MISSING_REQUIRED_FIELDS',
      'INVALID_SENDER_ID',
      'MISSING_REQUIRED_FIELDS',
      'SUCCESS',
    ]);
  });

  test(verifies('sms:recipient', 'reads local numbers by the message, else by the account'), async () => {
    const { messages } = await send([
      { to: '0400 000 200', body: 'a' },
      { to: '07400 123456', body: 'a', country: 'GB' },
      { to: '0061400000201', body: 'a', country: 'GB' },
    ]);
    expect(messages.map(({ to, country }: { to: string; country: string }) => [to, country])).toEqual([
      ['+61400000200', 'AU'],
      ['+447400123456', 'GB'],
      ['+61400000201', 'AU'],
    ]);
  });

  test(verifies('sms:sender', 'takes shared, alpha, own and dedicated senders, and no other'), async () => {
    const strict = await house.tenant('strict');
    await setAccount('any_sender_number', false, strict);
    await house.db.enginePool.query('insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)', [
      strict.accountId,
      '+61422222222',
    ]);
    const from = ['', 'Bakehouse', '+61422222222', '0422222222', '+61433333333', 'ab', 'has space', 'twelve_chars'];
    const messages = from.map((sender, i) => ({ to: `+6140000030${i}`, body: 'a', from: sender }));
    expect(await statuses(messages, strict)).toEqual([
      ...Array(4).fill('SUCCESS'),
      ...Array(4).fill('INVALID_SENDER_ID'),
    ]);
    expect(await statuses([{ to: '+61400000309', body: 'a', from: '+61433333333' }])).toEqual(['SUCCESS']);
  });

  test(verifies('sms:schedule', 'sms:schedule-unit', 'schedules up to four months ahead, in seconds'), async () => {
    const at = (schedule: unknown, i: number) => ({ to: `+6140000040${i}`, body: 'a', schedule });
    const inAnHour = now() + 3_600;
    const data = await send([
      at(inAnHour, 0),
      at(now() - 60, 1),
      at(0, 2),
      at(null, 3),
      at(now() + 150 * 86_400, 4),
      at(inAnHour * 1000, 5),
      at('soon', 6),
    ]);
    expect(data.messages.map(({ status }: { status: string }) => status)).toEqual([
      ...Array(4).fill('SUCCESS'),
      ...Array(3).fill('INVALID_SCHEDULE'),
    ]);
    expect(data.messages[0].schedule).toBe(inAnHour);
    const stored = await house.db.enginePool.query('select words from messages where recipient = $1', ['+61400000405']);
    expect(stored.rows[0].words).toContain(String(inAnHour));
    const row = (await call('GET', `/v3/sms/history?q=message_id:${data.messages[0].message_id}`)).data.data[0];
    expect([row.status, row.schedule]).toEqual(['Scheduled', String(inAnHour)]);
  });

  test(
    verifies('sms:custom-string', 'gives custom_string back in the answer, the history and the receipt'),
    async () => {
      const { messages } = await send([{ to: '+61400000500', body: 'a', custom_string: 'order "7" é' }]);
      const id = messages[0].message_id;
      const receipt = await eventually(async () => (await call('GET', `/v3/sms/receipts/${id}`)).data);
      const row = (await call('GET', `/v3/sms/history?q=message_id:${id}`)).data.data[0];
      expect([messages[0].custom_string, receipt.custom_string, row.custom_string]).toEqual(
        Array(3).fill('order "7" é'),
      );
    },
  );

  test(
    verifies('sms:too-long', 'refuses what takes too many parts, or cuts it where the account says so'),
    async () => {
      const long = { body: 'x'.repeat(153 * 8 + 1) };
      expect(await statuses([{ to: '+61400000600', ...long }])).toEqual(['SOMETHING_IS_WRONG']);
      const cutting = await house.tenant('cutting');
      await setAccount('truncate_long', true, cutting);
      const { messages } = await send([{ to: '+61400000601', ...long }], cutting);
      expect(messages[0]).toMatchObject({ status: 'SUCCESS', message_parts: 8, body: 'x'.repeat(153 * 8) });
    },
  );

  test(verifies('sms:throttle', 'throttles the same text to the same handset a moment later'), async () => {
    const message = { to: '+61400000700', body: 'again' };
    expect(await statuses([message, { ...message, to: '+61400000701' }])).toEqual(['SUCCESS', 'SUCCESS']);
    expect(await statuses([message, { ...message, body: 'other' }])).toEqual(['THROTTLED', 'SUCCESS']);
  });

  test(verifies('idempotency:replay', 'with a key is answered twice and sent once'), async () => {
    const body = JSON.stringify({
      messages: [
        { to: '+61400000800', body: 'once' },
        { to: 'nobody', body: 'never' },
      ],
    });
    const post = (key: string) =>
      fetch(`${house.url}/v3/sms/send`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${tenant.username}:${tenant.key}`).toString('base64')}`,
          'idempotency-key': key,
        },
        body,
      });
    const first = await post('k-1');
    const again = await post('k-1');
    expect(await again.text()).toBe(await first.text());
    expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect((await call('GET', '/v3/sms/history?q=body:once')).data.total).toBe(1);
  });
});

describe('the account', () => {
  test(
    verifies('sms:default-rules', 'starts with one POLL rule for receipts and one for inbound, and may lose them'),
    async () => {
      const fresh = await house.tenant('fresh');
      for (const table of ['receipt_rules', 'inbound_rules']) {
        const { rows } = await house.db.enginePool.query(`select action, enabled from ${table} where account_id = $1`, [
          fresh.accountId,
        ]);
        expect(rows).toEqual([{ action: 'POLL', enabled: true }]);
      }
      await send([{ to: '+61400000900', body: 'a' }], fresh);
      await eventually(async () => (await call('GET', '/v3/sms/receipts', undefined, fresh)).data.total === 1);
      await house.db.enginePool.query('delete from receipt_rules where account_id = $1', [fresh.accountId]);
      expect((await call('GET', '/v3/sms/receipts', undefined, fresh)).data.total).toBe(0);
    },
  );

  test(verifies('price:rate-card', 'is charged by country and prefix of a card that can be edited'), async () => {
    const priceOf = async (to: string) =>
      (await call('POST', '/v3/sms/price', { messages: [{ to, body: 'a' }] })).data.messages[0].message_price;
    expect([await priceOf('+61400000001'), await priceOf('+14155550100'), await priceOf('+3725551234')]).toEqual([
      '0.0790',
      '0.0110',
      '0.0900',
    ]);
  });

  test(verifies('sms:statistics', 'counts agree with history'), async () => {
    await eventually(async () => {
      const { total } = (await call('GET', '/v3/statistics/sms')).data;
      const [sent, failed, refused] = await Promise.all(
        ['status:Sent', 'status:Failed'].map(async (q) => (await call('GET', `/v3/sms/history?q=${q}`)).data.total),
      ).then(async ([a, b]) => [
        a,
        b,
        (
          await house.db.enginePool.query('select count(*) from messages where status = 8 and account_id = $1', [
            tenant.accountId,
          ])
        ).rows[0].count,
      ]);
      return total.outbound.count === sent + failed - refused && sent > 1_000;
    });
  });

  test(
    verifies('ledger:reserve', 'money is reserved, captured at submit, and released where nothing went'),
    async () => {
      const paying = await house.tenant('paying');
      const balance = async () => (await call('GET', '/v3/account', undefined, paying)).data.balance;
      const { messages } = await send([{ to: '+61400001000', body: 'a', schedule: now() + 7_200 }], paying);
      expect(await balance()).toBe('-0.079000');
      await call('PUT', `/v3/sms/${messages[0].message_id}/cancel`, undefined, paying);
      expect(await balance()).toBe('0.000000');
      await send([{ to: '+61400001001', body: 'a' }], paying);
      const ledger = async () =>
        (
          await house.db.enginePool.query(
            'select available_micro, held_micro, spent_micro from ledger_balances where account_id = $1',
            [paying.accountId],
          )
        ).rows[0];
      await eventually(async () => Number((await ledger()).spent_micro) === 79_000);
      expect(Object.values(await ledger()).map(Number)).toEqual([-79_000, 0, 79_000]);
    },
  );
});
