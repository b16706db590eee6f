import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { FILE_LIMIT, upload } from '@veredus/contract/endpoints/uploads';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { fileRoutes } from '../files/routes.ts';
import { Refusal } from '../refusal.ts';
import { systemRandom } from '../system.ts';
import { addEndpoints, openApp } from './app.ts';
import { addFiles } from './files.ts';

const NOW = Date.UTC(2026, 5, 1);
const CSV = 'phone,name\r\n+61411111111,Zoë\r\n';

let own: TestDatabase;
let app: FastifyInstance;
let clock: HandClock;
let url: string;
let caller: Caller;
const bugs: unknown[] = [];

beforeAll(async () => {
  own = await openTestDatabase();
  clock = handClock(NOW);
  const mine = await addAccount(own.db, 'mine');
  caller = { ...mine, scopes: ['files:write'] } as unknown as Caller;
  const authentication = {
    authenticate: (header?: string) =>
      header === 'Basic bWluZTprZXk=' ? caller : new Refusal('missing-credentials', 'Sign in.'),
  } as unknown as Authentication;
  let id = 0;
  app = openApp({
    newId: () => `r-${++id}`,
    trustProxy: [],
    log: (event, facts) => event === 'request.bug' && bugs.push(facts),
  });
  const parts = { db: own.db, clock, random: systemRandom, publicUrl: () => url };
  addEndpoints(app, authentication, fileRoutes(parts) as Handlers);
  addFiles(app, parts);
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterEach(() => expect(bugs).toEqual([]));
afterAll(async () => {
  await app.close();
  await own.close();
});

const headers = { authorization: 'Basic bWluZTprZXk=' };
const post = async (path: string, init: RequestInit) => {
  const response = await fetch(url + path, { method: 'POST', headers, ...init });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
};
const postJson = (path: string, body: unknown) =>
  post(path, { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } });
const form = (content: string | Uint8Array, name = 'list.csv', type = 'text/csv') => {
  const made = new FormData();
  made.append('file', new Blob([content as string], { type }), name);
  return made;
};
const count = async (table: string) =>
  Number((await own.db.enginePool.query(`select count(*) from ${table}`)).rows[0].count);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('an upload', () => {
  test(verifies('files:attachment', 'a link asked for its headers alone reads nothing of the file'), async () => {
    const { body } = await postJson('/v3/uploads?convert=csv', { content: base64('a,b\n') });
    await own.db.enginePool.query('update file_chunks set chunk = chunk + 7');
    const head = await fetch(body.data._url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '4']);
    expect(head.headers.get('content-disposition')).toContain('attachment');
    await own.db.enginePool.query('update file_chunks set chunk = chunk - 7');
  });

  test(verifies('files:upload', 'as base64 or as a form comes back byte for byte'), async () => {
    for (const answer of [
      await postJson('/v3/uploads?convert=csv', { content: base64(CSV) }),
      await post('/v3/uploads?convert=csv', { body: form(CSV) }),
    ]) {
      expect([answer.status, answer.body.response_msg]).toEqual([200, 'Uploaded.']);
      const data = upload.data.parse(answer.body.data);
      expect(data).toEqual({
        upload_id: expect.any(Number),
        user_id: caller.accountId,
        file_name: expect.stringMatching(/^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\.csv$/),
        _url: `${url}/files/${data.file_name}`,
        date_added: NOW / 1000,
        date_delete: NOW / 1000 + 7 * 86_400,
      });
      for (const address of [data._url, data._url.replace(/\.csv$/, ''), `${data._url.toLowerCase()}?filename=x.csv`]) {
        const file = await fetch(address);
        expect(await file.text()).toBe(CSV);
        expect(file.headers.get('content-length')).toBe(String(Buffer.byteLength(CSV)));
      }
    }
  });

  test(verifies('files:upload', 'expires after 7 days'), async () => {
    const { body } = await postJson('/v3/uploads?convert=csv', { content: base64(CSV) });
    const started = clock.now();
    clock.advance(7 * 86_400_000 - 1);
    expect((await fetch(body.data._url)).status).toBe(200);
    clock.advance(1);
    const gone = await fetch(body.data._url);
    expect([gone.status, await gone.text()]).toEqual([404, expect.stringContaining('expired')]);
    expect(clock.now()).toBe(started + 7 * 86_400_000);
  });

  test.each([
    '/files/nonsense',
    '/files/7E1F2B66-0D4C-4C1B-8A52-93B0C7D1E604.csv',
    `/files/'%20or%201=1`,
    '/files/%00',
  ])('is not found at %s', async (path) => {
    expect((await fetch(url + path)).status).toBe(404);
  });

  test(verifies('files:content', 'is a workbook by what it holds, whatever it is called'), async () => {
    const workbook = Buffer.from(
      'PK\x03\x04\x14\0\0\0\x08\0xxxxxxxxxxxxxxxx\x0f\0\0\0xl/workbook.xml\xff\xfe',
      'latin1',
    );
    const { body } = await post('/v3/uploads?convert=csv', { body: form(workbook, 'list.csv', 'text/html') });
    expect(body.data.file_name).toMatch(/\.xlsx$/);
    const file = await fetch(body.data._url);
    expect(file.headers.get('content-type')).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    expect(Buffer.from(await file.arrayBuffer()).equals(workbook)).toBe(true);
  });

  test(verifies('files:content', 'that is no table is refused by name, and nothing of it stays'), async () => {
    const before = await count('files');
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(200_000)]);
    const answers = [
      await post('/v3/uploads?convert=csv', { body: form(old, 'list.csv') }),
      await postJson('/v3/uploads?convert=csv', { content: old.toString('base64') }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.response_msg]).toEqual([400, expect.stringContaining('save it as .xlsx')]);
    }
    expect(answers.map(({ body }) => Object.keys(body.data))).toEqual([['file'], ['content']]);
    expect(await count('files')).toBe(before);
  });
});

describe('what a file is for', () => {
  test(verifies('files:conversion', 'stands in the query or in the body, the query first'), async () => {
    const content = base64(CSV);
    expect((await postJson('/v3/uploads', { content, convert: 'csv' })).status).toBe(200);
    expect((await postJson('/v3/uploads?convert=CSV', { content })).status).toBe(200);
    expect((await postJson('/v3/uploads?convert=csv', { content, convert: 'fax' })).status).toBe(200);
    expect((await postJson('/v3/uploads?convert=fax', { content, convert: 'csv' })).status).toBe(400);
  });

  test.each(['mms', 'fax', 'post', 'postcard'])(
    verifies('files:conversion', '%s is for a later release'),
    async (convert) => {
      for (const answer of [
        await postJson('/v3/uploads', { content: base64(CSV), convert }),
        await post(`/v3/uploads?convert=${convert}`, { body: form(CSV) }),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.body.data.convert).toContain(`convert=${convert} is for a later release`);
      }
    },
  );

  test.each(['', '?convert=', '?convert=zip', '?convert=csv,fax', '?convert=__proto__'])(
    verifies('files:conversion', 'is asked for: %j'),
    async (query) => {
      const { status, body } = await postJson(`/v3/uploads${query}`, { content: base64(CSV) });
      expect([status, body.data]).toEqual([400, { convert: expect.stringContaining('convert') }]);
    },
  );
});

describe('a body that is none', () => {
  test.each([
    ['no content', {}, 'content is required.'],
    ['content that is empty', { content: '' }, 'content is required'],
    ['content that is a number', { content: 7 }, 'content is not valid'],
    ['content that is no base64', { content: 'phone,name\n' }, 'content must be the file in base64'],
    [
      'content that turns bad late',
      { content: `${base64(CSV.repeat(20_000))}*` },
      'content must be the file in base64',
    ],
    ['nothing', null, 'content is required'],
  ])('has %s', async (_, body, words) => {
    const before = await count('files');
    const answer = await postJson('/v3/uploads?convert=csv', body);
    expect([answer.status, answer.body.data?.content]).toEqual([400, expect.stringContaining(words)]);
    expect(await count('files')).toBe(before);
  });

  const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
  test.each([
    [
      'without a file',
      boundary,
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
      'file is required',
    ],
    ['that is empty', boundary, '', 'file is required'],
    ['without a boundary', { 'content-type': 'multipart/form-data' }, 'x', 'could not be read'],
    ['cut in its headers', boundary, '--x\r\ncontent-dis', 'could not be read'],
    [
      'that sets a prototype',
      boundary,
      '--x\r\ncontent-disposition: form-data; name="__proto__"; filename="a"\r\n\r\na\r\n--x--\r\n',
      'could not be read',
    ],
  ])('is a form %s', async (_, type, body, words) => {
    const answer = await post('/v3/uploads?convert=csv', { body, headers: { ...headers, ...type } });
    expect([answer.status, answer.body.response_msg]).toEqual([400, expect.stringContaining(words)]);
  });

  test(verifies('files:broken-off', 'is a form cut in its file: nothing stays'), async () => {
    const before = await count('files');
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
    const body = head + CSV.repeat(20_000);
    const answer = await post('/v3/uploads?convert=csv', { body, headers: { ...headers, ...boundary } });
    expect([answer.status, answer.body.response_msg]).toEqual([400, expect.stringContaining('broke off')]);
    expect(await count('files')).toBe(before);
  });

  test(
    verifies('files:broken-off', 'is a form whose sender is gone: nothing stays, and nobody is disturbed'),
    async () => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
      socket.write(
        `POST /v3/uploads?convert=csv HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n` +
          `content-type: multipart/form-data; boundary=x\r\ncontent-length: 5000000\r\n\r\n${head}${CSV.repeat(20_000)}`,
      );
      const isWritten = async () =>
        (await count('file_chunks where file_id in (select file_id from files where size is null)')) > 0;
      while (!(await isWritten()));
      socket.destroy();
      while ((await count('files where size is null')) > 0);
      expect((await post('/v3/uploads?convert=csv', { body: form(CSV) })).status).toBe(200);
    },
  );
});

describe('an upload that is too large', () => {
  /** A form that grows while it is sent; answers what came back. */
  const stream = (bytes: number, begins = '') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request(`${url}/v3/uploads?convert=csv`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
      });
      sent.on('error', reject);
      // Many clients look at the answer only once they are done writing.
      sent.on('finish', async () => {
        const response = await answered;
        let text = '';
        for await (const piece of response) text += piece;
        resolve({ status: response.statusCode ?? 0, text });
      });
      const answered = new Promise<IncomingMessage>((begin) => sent.on('response', begin));
      sent.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n');
      if (begins) sent.write(begins);
      const piece = Buffer.alloc(1_000_000, 'a,b\n');
      const write = async () => {
        for (let left = bytes; left > 0; left -= piece.length) {
          if (!sent.write(piece.subarray(0, left))) await once(sent, 'drain');
        }
        sent.end('\r\n--x--\r\n');
      };
      void write();
    });

  test(verifies('files:limit', 'is 413 as a form, and its sender hears so'), { timeout: 60_000 }, async () => {
    const before = await count('files');
    const answer = await stream(FILE_LIMIT + 5_000_000);
    expect([answer.status, answer.text]).toEqual([413, expect.stringContaining('larger than 64 MB')]);
    expect(await count('files')).toBe(before);
  });

  test(verifies('files:content', 'and none that is taken: its sender hears so once he is done'), async () => {
    const answer = await stream(30_000_000, '%PDF-1.7');
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('a PDF')]);
  });

  test(verifies('files:limit', 'may be 64 MB exactly'), { timeout: 60_000 }, async () => {
    const answer = await stream(FILE_LIMIT);
    expect(answer.status).toBe(200);
    await own.db.enginePool.query('delete from files');
  });

  test(verifies('files:limit', 'is 413 as JSON, by its announced length'), async () => {
    const announced = {
      ...headers,
      'content-type': 'application/json',
      'content-length': String(upload.bodyLimit + 1),
    };
    const sent = request(`${url}/v3/uploads?convert=csv`, { method: 'POST', headers: announced });
    sent.on('error', () => {});
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });

  test(verifies('files:limit', 'is not read when its sender may not upload'), async () => {
    const announced = { 'content-type': 'application/json', 'content-length': '50000000' };
    const sent = request(`${url}/v3/uploads?convert=csv`, { method: 'POST', headers: announced });
    sent.on('error', () => {});
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(401);
    sent.destroy();
  });

  test('waits while others are being read whole, and hears when to try again', async () => {
    const announced = { ...headers, 'content-type': 'application/json', 'content-length': '50000000' };
    const begin = () => {
      const sent = request(`${url}/v3/uploads?convert=csv`, { method: 'POST', headers: announced });
      sent.on('error', () => {});
      sent.write('{"content":"');
      return sent;
    };
    const reading = [begin(), begin()];
    const turned = () =>
      fetch(`${url}/v3/uploads?convert=csv`, {
        method: 'POST',
        headers: { ...announced, 'content-length': '1100000' },
        body: 'x'.repeat(1_100_000),
      });
    let answer = await turned();
    while (answer.status !== 503) answer = await turned();
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await post('/v3/uploads?convert=csv', { body: form(CSV) })).status).toBe(200);
    for (const sent of reading) sent.destroy();
    while (answer.status === 503) answer = await turned();
    expect(answer.status).toBe(400);
  });
});

describe('a file that is served', () => {
  const HOSTILE = '"<script>alert(document.domain)</script>",x\n';

  test(verifies('files:attachment', 'is saved and never shown, whatever its name and type say'), async () => {
    const made = form(HOSTILE, 'a"; x=.html', 'text/html');
    const { body } = await post('/v3/uploads?convert=csv', { body: made });
    for (const address of [body.data._url, body.data._url.replace('.csv', '.html')]) {
      const file = await fetch(address);
      expect(file.headers.get('content-type')).toBe('text/csv');
      expect(file.headers.get('content-disposition')).toMatch(
        /^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.%-]+$/,
      );
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      expect(file.headers.get('cache-control')).toBe('private, no-store');
      expect(file.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(await file.text()).toBe(HOSTILE);
    }
  });

  test(verifies('files:attachment', 'of a type we did not give it is bytes'), async () => {
    const { body } = await post('/v3/uploads?convert=csv', { body: form(HOSTILE) });
    await own.db.enginePool.query(`update files set content_type = 'text/html' where upload_id = $1`, [
      body.data.upload_id,
    ]);
    expect((await fetch(body.data._url)).headers.get('content-type')).toBe('application/octet-stream');
  });
});
