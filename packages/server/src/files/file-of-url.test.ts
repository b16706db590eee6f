import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type PretendInternet, pretendInternet } from '../../../../test/rig/pretend-internet.ts';
import { addAccount, storeMessages } from '../../../../test/rig/stored-messages.ts';
import { Status } from '../messages/status.ts';
import { systemRandom } from '../system.ts';
import { fileOfUrl } from './file-of-url.ts';
import { FILE_KEPT_MS, saveFile } from './save-file.ts';
import { findStoredFile } from './stored-file.ts';

const PUBLIC_URL = 'https://msg.example.test/app';
const CSV = 'phone\n+61411111111\n';

let own: TestDatabase;
let internet: PretendInternet;
let mine: { accountId: number; userId: number };
let theirs: { accountId: number; userId: number };
const parts = () => ({
  ...{ db: own.db, clock: internet.clock, random: systemRandom },
  ...{ outbound: internet.parts, publicUrl: () => PUBLIC_URL },
});

beforeAll(async () => {
  own = await openTestDatabase();
  internet = await pretendInternet();
  mine = await addAccount(own.db, 'mine');
  theirs = await addAccount(own.db, 'theirs');
});
afterEach(() => {
  internet.connections.length = 0;
});
afterAll(async () => {
  await internet.close();
  await own.close();
});

async function* once(text: string) {
  yield Buffer.from(text);
}
const upload = (who = mine) =>
  saveFile(parts(), who, { name: 'list.csv', contentType: 'text/csv', source: once(CSV), maxBytes: 1_000 });
const get = (url: string, maxBytes = 1_000) => fileOfUrl(parts(), mine, { url, field: 'file_url', maxBytes });
async function textOf(fileId: string): Promise<string> {
  let text = '';
  for await (const piece of (await findStoredFile(own.db, { accountId: mine.accountId, fileId }))?.read() ?? [])
    text += piece;
  return text;
}
const count = async () => Number((await own.db.enginePool.query('select count(*) from files')).rows[0].count);

describe('a link of our own', () => {
  test.each([
    (id: string) => `${PUBLIC_URL}/files/${id}.csv`,
    (id: string) => `${PUBLIC_URL}/files/${id.toUpperCase()}`,
    (id: string) => `https://MSG.example.test:443/app/files/${id}.csv?filename=x.csv`,
    (id: string) => `http://localhost:8080/files/${id}.csv`,
    (id: string) => `http://10.0.0.5/files/${id}.csv`,
  ])(verifies('files:own-url', 'is taken from the store: %s'), async (urlOf) => {
    const { fileId } = await upload();
    const before = await count();
    expect(await get(urlOf(fileId))).toEqual({ fileId, name: 'list.csv', contentType: 'text/csv', size: CSV.length });
    expect([await count(), internet.connections]).toEqual([before, []]);
  });

  test(
    verifies('files:own-url', 'to another account’s file, to none, or to one that expired, is refused and not fetched'),
    async () => {
      const expired = await upload();
      const foreign = await upload(theirs);
      const addresses = [randomUUID(), foreign.fileId].map((id) => `${PUBLIC_URL}/files/${id}.csv`);
      for (const url of addresses)
        await expect(get(url)).rejects.toMatchObject({ fields: { file_url: expect.stringContaining('not here') } });
      internet.clock.advance(FILE_KEPT_MS);
      await expect(get(`${PUBLIC_URL}/files/${expired.fileId}`)).rejects.toThrow('not here');
      expect(internet.connections).toEqual([]);
    },
  );

  test(verifies('files:own-url', 'to a file above the limit is refused'), async () => {
    const { fileId } = await upload();
    await expect(get(`${PUBLIC_URL}/files/${fileId}`, 10)).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { file_url: 'file_url leads to a file of more than 10 bytes.' },
    });
  });

  test(
    verifies('files:own-url', 'to an export of one’s own is a copy of it; others’ exports are not there'),
    async () => {
      await storeMessages(own.db, [
        {
          account_id: mine.accountId,
          user_id: mine.userId,
          created_at: internet.clock.now() - 1,
          status: Status.delivered,
        },
      ]);
      const add = async (who: typeof mine) => {
        const id = randomUUID();
        await own.db.enginePool.query(
          `insert into exports (file_id, account_id, user_id, kind, query, name, created_at, expires_at)
         values ($1, $2, $3, 'sms-history', '{"q":[],"operator":"AND","order_by":{"field":"date","direction":"asc"}}', 'sept.csv', $4, $4::bigint + 1000)`,
          [id, who.accountId, who.userId, internet.clock.now()],
        );
        return id;
      };
      const copy = await get(`${PUBLIC_URL}/files/${await add(mine)}?filename=sept.csv`, 10_000);
      expect(copy).toMatchObject({ name: 'sept.csv', contentType: 'text/csv' });
      expect(await textOf(copy.fileId)).toContain('+61411111111');
      await expect(get(`${PUBLIC_URL}/files/${await add(theirs)}?filename=sept.csv`, 10_000)).rejects.toThrow(
        'not here',
      );
      expect(internet.connections).toEqual([]);
    },
  );
});

describe('a link elsewhere', () => {
  test('is fetched and stored', async () => {
    internet.site = (_, response) => response.writeHead(200, { 'content-type': 'text/csv' }).end(CSV);
    const file = await get('https://files.example/lists/sept.csv');
    expect(file).toMatchObject({ name: 'sept.csv', contentType: 'text/csv', size: CSV.length });
    expect(await textOf(file.fileId)).toBe(CSV);
  });

  test('that only looks like ours is fetched', async () => {
    internet.site = (_, response) => response.end(CSV);
    const { fileId } = await upload(theirs);
    const file = await get(`https://msg.example.test.evil.example/app/files/${fileId}.csv`);
    expect(file.fileId).not.toBe(fileId);
    expect(internet.connections.length).toBe(1);
  });

  test('that fails half way leaves nothing', async () => {
    internet.site = (_, response) => {
      response.writeHead(200, { 'content-length': 900 }).write(CSV);
      setImmediate(() => response.destroy());
    };
    const before = await count();
    await expect(get('https://files.example/a.csv')).rejects.toMatchObject({
      fields: { file_url: expect.stringContaining('broke off') },
    });
    internet.site = (_, response) => response.end('x'.repeat(2_000));
    await expect(get('https://files.example/a.csv')).rejects.toMatchObject({
      fields: { file_url: expect.stringContaining('more than 1000 bytes') },
    });
    expect(await count()).toBe(before);
  });

  test(verifies('url-guard:public', 'fault:F48', 'is judged first'), async () => {
    await expect(get('http://169.254.169.254/files/x')).rejects.toMatchObject({
      fields: { file_url: expect.stringContaining('public internet') },
    });
    expect(internet.connections).toEqual([]);
  });
});
