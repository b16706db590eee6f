import { describe, expect, it } from 'vitest';
import { endpoints } from './endpoints.ts';
import { readCall } from './read-call.ts';

const { smsHistory, smsHistoryExport, smsReceipt, smsReceiptsRead, smsSend, smsCancelAll, account } = endpoints;

/** The refused fields, or an empty object where nothing was. */
function fieldsOf(reading: ReturnType<typeof readCall>): Record<string, string> {
  return reading.ok ? {} : reading.fields;
}

describe('the query of a list', () => {
  it('has its defaults', () => {
    expect(readCall(smsHistory, {})).toEqual({
      ok: true,
      call: {
        params: undefined,
        query: { q: [], operator: 'AND', order_by: { field: 'date', direction: 'asc' }, page: 1, limit: 15 },
        body: undefined,
      },
    });
  });

  it('reads text, clamps the limit, counts empty terms as absent and drops unknown ones', () => {
    const query = { q: 'custom_string:order-1', page: '3', limit: '500', date_from: '1790000000', date_to: '', x: '1' };
    const reading = readCall(smsHistory, { query });
    expect(reading.ok && reading.call.query).toEqual({
      q: [{ field: 'custom_string', value: 'order-1' }],
      operator: 'AND',
      order_by: { field: 'date', direction: 'asc' },
      page: 3,
      limit: 100,
      date_from: 1790000000,
    });
  });

  it('searches by every column of the row', () => {
    for (const field of Object.keys(smsHistory.example.data.data[0])) {
      expect(readCall(smsHistory, { query: { q: `${field}:1`, order_by: `${field}:desc` } }).ok, field).toBe(true);
    }
  });

  it.each([
    ['page', '0', 'page must be a whole number, 1 or more.'],
    ['page', '1.5', 'page must be a whole number, 1 or more.'],
    ['limit', '0', 'limit must be a whole number, 1 or more.'],
    ['limit', 'many', 'limit must be a whole number, 1 or more.'],
    ['operator', 'XOR', 'operator takes AND or OR, not "XOR".'],
    ['order_by', 'date:up', 'order_by takes date:asc or date:desc, not "date:up".'],
    ['date_from', '1790000000000', 'date_from is in milliseconds; it takes unix seconds: use 1790000000.'],
    ['date_to', '2026-09-21', 'date_to is a date in words; it takes unix seconds: use 1789948800.'],
    ['q', 'bread', 'q takes field:value, not "bread".'],
    ['q', ['to:1', 'to:2'], 'q was given more than once.'],
  ])('refuses %s=%s', (field, value, words) => {
    const reading = readCall(smsHistory, { query: { [field]: value } });
    expect(reading).toEqual({ ok: false, code: 'BAD_REQUEST', fields: { [field]: words } });
  });

  it('names every fault at once', () => {
    const reading = readCall(smsHistory, { query: { page: '0', limit: '0', q: 'nothing:1' } });
    expect(Object.keys(fieldsOf(reading))).toEqual(['q', 'page', 'limit']);
    expect(fieldsOf(reading).q).toContain('_api_username');
  });
});

describe('the export', () => {
  it.each(['history.csv', 'Österreich 2026.CSV'])('takes the name %s', (filename) => {
    expect(readCall(smsHistoryExport, { query: { filename } }).ok).toBe(true);
  });

  it.each(['history', 'history.exe', '../../etc/x.csv', 'a\r\nb.csv', '.csv', '"x".csv', `${'x'.repeat(300)}.csv`])(
    'refuses the name %j',
    (filename) => {
      expect(fieldsOf(readCall(smsHistoryExport, { query: { filename } }))).toHaveProperty('filename');
    },
  );

  it('asks for a name', () => {
    expect(fieldsOf(readCall(smsHistoryExport, {}))).toEqual({ filename: 'filename is required.' });
  });
});

describe('a body', () => {
  it.each([
    ['none', undefined, { body: 'body is required.' }],
    ['an empty object', {}, { messages: 'messages is required.' }],
    ['no messages', { messages: [] }, { messages: 'messages needs at least one element.' }],
    ['null messages', { messages: null }, { messages: expect.stringContaining('messages is not valid') }],
  ])('is refused with %s', (_, body, fields) => {
    expect(readCall(smsSend, { body })).toEqual({ ok: false, code: 'BAD_REQUEST', fields });
  });

  it('is refused with its own code when it holds too many messages, before any is read', () => {
    const poison = new Proxy({}, { get: () => expect.unreachable('an element was looked at') });
    expect(readCall(smsSend, { body: { messages: Array(1001).fill(poison) } })).toEqual({
      ok: false,
      code: 'TOO_MANY_RECIPIENTS',
      fields: { messages: 'messages has 1001 elements; 1000 fit in one call.' },
    });
  });

  it('keeps only what it knows', () => {
    const body = { messages: [{ to: '1', body: 'x', price: 0 }], balance: 9, account_id: 2 };
    const reading = readCall(smsSend, { body });
    expect(reading.ok && Object.keys(reading.call.body)).toEqual(['messages']);
    expect(reading.ok && reading.call.body.messages[0]).not.toHaveProperty('price');
  });

  it.each([
    [
      'agentCreate',
      { name: 'Typo', allowed_action: ['X'] },
      { allowed_action: 'allowed_action is not known; did you mean allowed_actions?' },
    ],
    ['agentUpdate', { enable: false }, { enable: 'enable is not known; did you mean enabled?' }],
    [
      'agentUpdate',
      { allowedActions: [] },
      { allowedActions: 'allowedActions is not known; did you mean allowed_actions?' },
    ],
    ['agentKeyRotate', { overlap: 60 }, { overlap: 'overlap is not known; there are overlap_minutes.' }],
    ['connectionUpdate', { enable: false }, { enable: 'enable is not known; did you mean enabled?' }],
    [
      'connectionCreate',
      { user: 'c', calback_url: 'https://a.example' },
      {
        user_id: 'user_id is required.',
        user: 'user is not known; did you mean user_id?',
        calback_url: 'calback_url is not known; did you mean callback_url?',
      },
    ],
    ['connectionLink', { callback: 1 }, { callback: 'callback is not known; did you mean callback_url?' }],
    [
      'agentCreate',
      { name: 'a', 'x\n': 1 },
      { '"x\\n"': expect.stringContaining('"x\\n" is not known; there are name, ') },
    ],
  ] as const)('of our own %s with an unknown field is refused by name: %j', (id, body, fields) => {
    const { path, body: schema } = endpoints[id];
    // Without its path, whose id is not what this is about.
    expect(readCall({ path, body: schema }, { body })).toEqual({ ok: false, code: 'BAD_REQUEST', fields });
  });

  it('names a handful of a hundred thousand unknown fields, and one that is called like a prototype', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`field_${at}`, at]));
    const started = performance.now();
    expect(Object.keys(fieldsOf(readCall(endpoints.agentCreate, { body: { name: 'a', ...many } })))).toHaveLength(20);
    expect(performance.now() - started).toBeLessThan(500);
    const poison = JSON.parse('{"name":"a","__proto__":{"own_account":false}}');
    const reading = readCall(endpoints.agentCreate, { body: poison });
    expect(reading.ok).toBe(false);
    expect(Object.values(fieldsOf(reading)).join()).toContain('__proto__ is not known');
  });

  it('nobody asked for is ignored', () => {
    expect(readCall(account, { body: { unrelated: true } }).ok).toBe(true);
  });
});

describe('cancel all', () => {
  it.each([undefined, null, {}])('takes %j as all', (body) => {
    const reading = readCall(smsCancelAll, { body });
    expect(reading.ok && reading.call.body?.custom_string).toBe(undefined);
    expect(reading.ok).toBe(true);
  });

  it('takes a tag', () => {
    const reading = readCall(smsCancelAll, { body: { custom_string: 'order-1' } });
    expect(reading.ok && reading.call.body).toEqual({ custom_string: 'order-1' });
  });

  it.each(['', null, 5])('does not take the tag %j as all', (custom_string) => {
    expect(fieldsOf(readCall(smsCancelAll, { body: { custom_string } }))).toHaveProperty('custom_string');
  });
});

describe('receipts', () => {
  it('are marked up to a moment, or all', () => {
    const some = readCall(smsReceiptsRead, { body: { date_before: 1790000000 } });
    expect(some.ok && some.call.body).toEqual({ date_before: 1790000000 });
    expect(readCall(smsReceiptsRead, {}).ok).toBe(true);
    expect(fieldsOf(readCall(smsReceiptsRead, { body: { date_before: 1790000000000 } }))).toHaveProperty('date_before');
  });

  it('are asked for by an id from the path', () => {
    const reading = readCall(smsReceipt, { params: { message_id: '019973A2' } });
    expect(reading.ok && reading.call.params).toEqual({ message_id: '019973A2' });
  });
});
