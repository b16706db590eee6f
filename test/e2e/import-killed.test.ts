import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { type Answered, eventually, type RunningServer, startServer } from '../rig/server.ts';

const ROWS = 40_000;
/** Times it is killed, each time somewhere between its first chunk and its last. */
const KILLS = 3;

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-import-killed-');
  server = await startServer(folder);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test(verifies('import:exactly-once', 'kill -9 while rows are added, again and again'), {
  timeout: 120_000,
}, async () => {
  const call = async (method: string, path: string, body?: unknown): Promise<Answered> =>
    (await server.call(method, path, body)).body.data;
  const rows = Array.from({ length: ROWS }, (_, i) => `+6141${1_000_000 + i},Ana ${i}`);
  const content = Buffer.from(rows.join('\n')).toString('base64');
  const file_url = (await call('POST', '/v3/uploads?convert=csv', { content }))._url;
  const { list_id } = await call('POST', '/v3/lists', { list_name: 'Regulars' });
  const { id } = await call('POST', `/v3/lists/${list_id}/import`, { file_url, field_order: 'phone,first_name' });
  const look = () => call('GET', `/v3/lists/${list_id}/imports/${id}`);

  const killedAt: number[] = [];
  for (let added = 0; killedAt.length < KILLS; ) {
    const seen = await eventually(async () => {
      const job = await look();
      return job.rows_added > added || job.state === 'done' ? job : null;
    });
    if (seen.state === 'done') break;
    added = seen.rows_added;
    killedAt.push(added);
    await server.kill();
    server = await startServer(folder);
  }
  expect(killedAt.length, `killed at ${killedAt}`).toBeGreaterThan(0);
  const job = await eventually(async () => {
    const now = await look();
    return now.date_done === null ? null : now;
  }, 60_000);
  expect(job).toMatchObject({ state: 'done', rows_read: ROWS, rows_added: ROWS, rows_refused: 0 });
  expect((await call('GET', `/v3/lists/${list_id}`))._contacts_count).toBe(ROWS);
  const { url } = await call('GET', `/v3/lists/${list_id}/export?filename=people.csv`);
  const [, ...lines] = (await (await fetch(url)).text()).trimEnd().split('\r\n');
  expect(lines.map((line) => line.split(',').slice(0, 2).join(','))).toEqual(rows);
});
