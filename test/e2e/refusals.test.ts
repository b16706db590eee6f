import { once } from 'node:events';
import { connect } from 'node:net';
import { refusalEnvelope } from '@veredus/contract/envelope';
import { inTransaction } from '@veredus/server/db/transaction';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { type Answer, ask, type House, openHouse, type Tenant } from '../faults/rig/house.ts';
import { postgresPid } from '../faults/rig/server.ts';

/** Every refusal a caller can meet, made to happen over HTTP. */
let house: House;
let tenant: Tenant;

beforeAll(async () => {
  house = await openHouse();
  tenant = await house.tenant('refused');
});
afterAll(async () => {
  await house.close();
  expect(house.bugs).toEqual([]);
});

const as = (who: Tenant, secret = who.key) => `${who.username}:${secret}`;
const account = (credentials: string, address?: string) =>
  ask(house.url, 'GET', '/v3/account', { credentials, ...(address === undefined ? {} : { address }) });

function expectRefused(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  const { request_id, ...envelope } = JSON.parse(answer.text);
  expect(refusalEnvelope.parse(envelope)).toMatchObject({ http_code: status, response_code: code });
  expect(request_id).toBe(answer.headers.get('x-request-id'));
}

async function send(key: string, body: string): Promise<Answer> {
  const response = await fetch(`${house.url}/v3/sms/send`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(as(tenant)).toString('base64')}`, 'idempotency-key': key },
    body: JSON.stringify({ messages: [{ to: '+61400000001', body }] }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, data: JSON.parse(text).data };
}

describe('a right key that may not', () => {
  test(verifies('wire:errors', 'is 403: without the permission, of an inactive account, of a banned one'), async () => {
    const reader = await house.key(tenant, ['sms:read']);
    expectRefused(await account(as(tenant, reader)), 403, 'FORBIDDEN');
    for (const [column, value] of [
      ['active', false],
      ['banned', true],
    ]) {
      const other = await house.tenant(`${column}`);
      await house.db.enginePool.query(`update accounts set ${column} = $1 where account_id = $2`, [
        value,
        other.accountId,
      ]);
      expectRefused(await account(as(other)), 403, 'FORBIDDEN');
    }
  });
});

describe('a guess', () => {
  test(verifies('auth:unknown-user', 'is answered alike for a user there is and one there is not'), async () => {
    const answers = [
      await account(as(tenant, 'wrong'), '203.0.113.1'),
      await account('nobody-here:wrong', '203.0.113.2'),
    ];
    const [known, unknown] = answers.map(({ status, text, headers }) => {
      const { request_id: _, ...envelope } = JSON.parse(text);
      return { status, envelope, realm: headers.get('www-authenticate') };
    });
    expect(known).toEqual(unknown);
    expectRefused(answers[0]!, 401, 'UNAUTHORIZED');
  });

  test(verifies('auth:back-off', 'too many is 429 with Retry-After, and the right key goes through'), async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 8; i++) answers.push(await account(as(tenant, `wrong ${i}`), '203.0.113.3'));
    const last = answers.at(-1)!;
    expectRefused(last, 429, 'TOO_MANY_REQUESTS');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await account(as(tenant), '203.0.113.3')).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  test(verifies('idempotency:other-body', 'with another body is 422'), async () => {
    expect((await send('other', 'one')).status).toBe(200);
    expectRefused(await send('other', 'two'), 422, 'UNPROCESSABLE');
  });

  test(
    verifies('idempotency:in-flight', 'whose first call hangs is 409 after two seconds, with Retry-After'),
    async () => {
      await inTransaction(house.db.enginePool, async (client) => {
        await client.query(
          `insert into idempotency_keys (account_id, route, key, digest, message_ids, created_at)
         values ($1, 'smsSend', 'hanging', '\\x00', '{}', 0)`,
          [tenant.accountId],
        );
        const began = performance.now();
        const answer = await send('hanging', 'three');
        expect(performance.now() - began).toBeGreaterThan(1_900);
        expectRefused(answer, 409, 'CONFLICT');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      });
    },
  );
});

describe('what is no HTTP', () => {
  test.each([
    ['a broken request line', 'NONSENSE\r\n\r\n', 400],
    ['headers without end', `GET /v3/account HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 413],
    ['a path that does not decode', 'GET /v3/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
  ])(verifies('wire:envelope', '%s is answered in the envelope all the same'), async (_, said, status) => {
    const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.write(said);
    await once(socket, 'close');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(refusalEnvelope.safeParse(JSON.parse(body)).error).toBeUndefined();
    expect(JSON.parse(body).http_code).toBe(status);
  });
});

describe('while PostgreSQL is away', () => {
  test(verifies('crash:postgres', 'a call waits for it or is 503 with Retry-After; what was 200 is kept'), async () => {
    const pid = await postgresPid(house.dataDir);
    const reads: Promise<Answer>[] = [];
    const sends: Promise<Answer>[] = [];
    const loadFor = async (milliseconds: number) => {
      for (const end = performance.now() + milliseconds; performance.now() < end; ) {
        sends.push(send(`away-${sends.length}`, `away ${sends.length}`));
        reads.push(ask(house.url, 'GET', '/v3/sms/history?limit=1', { credentials: as(tenant) }));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await loadFor(100);
    process.kill(pid, 'SIGKILL');
    await loadFor(1_000);
    const answers = await Promise.all([...sends, ...reads]);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectRefused(answer, 503, 'SERVICE_UNAVAILABLE');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const accepted = (await Promise.all(sends)).filter(({ status }) => status === 200);
    expect(accepted.length).toBeGreaterThan(5);
    const kept = await ask(house.url, 'GET', '/v3/sms/history?q=body:away&limit=1', { credentials: as(tenant) });
    expect(kept.data.total).toBeGreaterThanOrEqual(accepted.length);
    const ids = accepted.map(({ data }) => data.messages[0].message_id.toLowerCase());
    const { rows } = await house.db.enginePool.query('select id from messages where id = any($1::uuid[])', [ids]);
    expect(rows).toHaveLength(new Set(ids).size);
    expect(ids).toHaveLength(new Set(ids).size);
  });
});
