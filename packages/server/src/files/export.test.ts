import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { EXPORT_KEPT_MS, exportHistory } from '../history/export.ts';
import { Status } from '../messages/status.ts';
import { systemRandom } from '../system.ts';
import { openExport } from './open-export.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);
const ROWS = 3_210;

let own: TestDatabase;
let caller: Caller;
const parts = () => ({ db: own.db, clock, random: systemRandom, publicUrl: () => 'https://msg.example.test' });

beforeAll(async () => {
  own = await openTestDatabase();
  const mine = await addAccount(own.db, 'mine');
  const theirs = await addAccount(own.db, 'theirs');
  caller = { ...mine, username: 'mine' } as unknown as Caller;
  const store = (who: typeof mine, body: string, count: number) =>
    storeMessages(
      own.db,
      Array.from({ length: count }, (_, i) => ({
        account_id: who.accountId,
        user_id: who.userId,
        created_at: NOW - 10_000_000 + i * 1000,
        status: i % 3 === 0 ? Status.delivered : Status.failed,
        custom_string: `row ${i}`,
        body,
      })),
    );
  await store(mine, '=cmd|"x", and\nmore', ROWS);
  await store(theirs, 'CANARY', 10);
});
afterAll(() => own.close());

async function makeExport(query: Record<string, string> = {}): Promise<string> {
  const read = readCall(endpoints.smsHistoryExport, { query: { filename: 'sept.csv', ...query } });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const { data } = await exportHistory(parts(), caller, read.call.query);
  endpoints.smsHistoryExport.data.parse(data);
  return data.url;
}
const guidOf = (url: string) => /\/files\/([0-9A-F-]{36})\?/.exec(url)?.[1] ?? '';

/** What a reader that follows RFC 4180 sees, and how large the largest piece was. */
async function download(url: string): Promise<{ head: string[]; rows: string[][]; largest: number }> {
  const { chunks } = await openExport(parts(), guidOf(url));
  let text = '';
  let largest = 0;
  for await (const chunk of chunks) {
    text += chunk;
    largest = Math.max(largest, chunk.split('\r\n').length - 1);
  }
  const [head = [], ...rows] = parseCsv(text);
  return { head, rows, largest };
}

function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

describe('an export', () => {
  test('[sms:export] is a link to a file of all rows, oldest first, in pieces of 1,000', async () => {
    const url = await makeExport();
    expect(url).toMatch(
      /^https:\/\/msg\.example\.test\/files\/[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\?filename=sept\.csv$/,
    );
    const { head, rows, largest } = await download(url);
    expect(rows).toHaveLength(ROWS);
    expect(largest).toBeLessThanOrEqual(2_000);
    const column = (name: string) => rows.map((row) => row[head.indexOf(name)]);
    expect(column('custom_string')).toEqual(Array.from({ length: ROWS }, (_, i) => `row ${i}`));
    expect(new Set(column('body'))).toEqual(new Set([`'=cmd|"x", and\nmore`]));
    expect(column('to')[0]).toBe('+61411111111');
    expect(column('message_price')[0]).toBe('0.079200');
    expect(head).toEqual(Object.keys(endpoints.smsHistory.example.data.data[0]));
  });

  test('[sms:export] keeps the filters, and can run newest first', async () => {
    const { head, rows } = await download(await makeExport({ q: 'status_code:201', order_by: 'date:desc' }));
    expect(rows).toHaveLength(ROWS / 3);
    expect(rows[0]?.[head.indexOf('custom_string')]).toBe(`row ${ROWS - 3}`);
    expect((await download(await makeExport({ q: 'custom_string:row 7' }))).rows).toHaveLength(1);
    expect((await download(await makeExport({ q: 'body:CANARY' }))).rows).toEqual([]);
    const from = String((NOW - 10_000_000 + 2000) / 1000);
    expect((await download(await makeExport({ date_from: from, date_to: from }))).rows).toHaveLength(1);
  });

  test('ends at the moment it was made', async () => {
    const url = await makeExport({ q: 'status:Queued' });
    await storeMessages(own.db, [
      { account_id: caller.accountId, user_id: caller.userId, created_at: NOW + 1, status: Status.queued },
    ]);
    expect((await download(url)).rows).toEqual([]);
  });

  test('of an unusual order is refused', async () => {
    await expect(makeExport({ order_by: 'body:asc' })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { order_by: expect.stringContaining('date:asc') },
    });
  });

  test.each(['x.txt', 'x', '../x.csv', 'a/b.csv', '.csv\r\nx: y', ''])(
    'named %j is refused, naming the field',
    (filename) => {
      expect(readCall(endpoints.smsHistoryExport, { query: { filename } })).toMatchObject({
        ok: false,
        fields: { filename: expect.any(String) },
      });
    },
  );

  test('escapes its name in the link', async () => {
    expect(await makeExport({ filename: 'ä & b.csv' })).toContain('?filename=%C3%A4%20%26%20b.csv');
  });
});

describe('a link', () => {
  test.each(['nonsense', `' or 1=1 --`, '7E1F2B66-0D4C-4C1B-8A52-93B0C7D1E604'])('%s is not found', async (guid) => {
    await expect(openExport(parts(), guid)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('expires after 7 days', async () => {
    const url = await makeExport();
    const at = (now: number) => openExport({ db: own.db, clock: { ...clock, now: () => now } }, guidOf(url));
    expect((await at(NOW + EXPORT_KEPT_MS - 1)).name).toBe('sept.csv');
    await expect(at(NOW + EXPORT_KEPT_MS)).rejects.toMatchObject({ kind: 'not-found' });
  });
});
