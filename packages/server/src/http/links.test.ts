import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { newCode } from '../links/codes.ts';
import { dropOldLinks, insertLinks, LINK_KEPT_MS, LinkKind, type NewLink } from '../links/store.ts';
import { systemRandom } from '../system.ts';
import { openApp } from './app.ts';
import { addLinks } from './links.ts';

const HOSTILE = `<script>alert(1)</script>"'&\u202e`;
const PHONE = {
  'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1',
  'accept-language': 'en-AU',
};

let own: TestDatabase;
let clock: HandClock;
let app: FastifyInstance;
let accountId: number;
let listId: number;
const logged: unknown[] = [];

beforeAll(async () => {
  own = await openTestDatabase();
  accountId = (await addAccount(own.db, HOSTILE)).accountId;
  const { rows } = await own.db.enginePool.query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'Bread', 'X', 0) returning list_id`,
    [accountId],
  );
  listId = rows[0].list_id;
});
afterAll(async () => {
  await app.close();
  await own.close();
});
beforeEach(async () => {
  clock = handClock();
  app = await open(null);
});

async function open(linkUrl: string | null): Promise<FastifyInstance> {
  const opened = openApp({ newId: () => 'request-1', trustProxy: ['127.0.0.1'], log: () => {} });
  addLinks(opened, { pool: own.db.enginePool, clock, linkUrl, log: (event, facts) => logged.push({ event, facts }) });
  await opened.ready();
  return opened;
}

async function link(given: Partial<NewLink> = {}): Promise<string> {
  const code = newCode(systemRandom);
  const kind = given.kind ?? LinkKind.click;
  await insertLinks(own.db.enginePool, [
    {
      code,
      kind,
      accountId,
      channel: 1,
      campaignId: 7,
      recipient: '+61411111111',
      contactId: null,
      listId: null,
      url: kind === LinkKind.click ? 'https://shop.example.test/spring?a=1' : null,
      createdAt: clock.now(),
      expiresAt: clock.now() + LINK_KEPT_MS,
      ...given,
    },
  ]);
  return code;
}

const visit = (path: string, headers: Record<string, string> = PHONE, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  app.inject({ method, url: path, headers });
const clicksOf = async (code: string) => {
  const { rows } = await own.db.enginePool.query(
    'select account_id, campaign_id, at, machine, why, device, os, browser from link_clicks where code = $1 order by click_id',
    [code],
  );
  return rows;
};
const stored = async (table: string) => {
  const { rows } = await own.db.enginePool.query(`select * from ${table} where account_id = $1`, [accountId]);
  return rows;
};

describe('a short link', () => {
  test(verifies('links:click', 'leads to the stored address, and is counted'), async () => {
    const code = await link();
    const answer = await visit(`/s/${code}?to=https://evil.example&url=//evil.example`);
    expect(answer.statusCode).toBe(302);
    expect(answer.headers).toMatchObject({
      location: 'https://shop.example.test/spring?a=1',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
    });
    expect(answer.body).toBe('');
    expect(await clicksOf(code)).toEqual([
      {
        account_id: accountId,
        campaign_id: 7,
        at: clock.now(),
        machine: false,
        why: null,
        device: 'Mobile',
        os: 'iOS',
        browser: 'Safari',
      },
    ]);
  });

  test('to letters beyond ASCII goes out as a header can say it', async () => {
    const code = await link({ url: 'https://münchen.example/straße?q=ü' });
    expect((await visit(`/s/${code}`)).headers.location).toBe('https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC');
  });

  test(verifies('links:machines', 'opened by machines is counted apart, and leads on all the same'), async () => {
    const code = await link();
    const asked = [
      await visit(`/s/${code}`, PHONE, 'HEAD'),
      await visit(`/s/${code}`, { ...PHONE, 'sec-purpose': 'prefetch' }),
      await visit(`/s/${code}`, { 'user-agent': 'WhatsApp/2.23.20.0 A' }),
      await visit(`/s/${code}`),
    ];
    expect(asked.map((answer) => [answer.statusCode, answer.headers.location])).toEqual(
      Array(4).fill([302, 'https://shop.example.test/spring?a=1']),
    );
    expect((await clicksOf(code)).map(({ machine, why }) => [machine, why])).toEqual([
      [true, 'asked for headers only'],
      [true, 'fetched ahead'],
      [true, 'is whatsapp'],
      [false, null],
    ]);
  });

  test(verifies('links:private', 'keeps neither address nor agent'), async () => {
    const code = await link();
    await visit(`/s/${code}`, { ...PHONE, 'x-forwarded-for': '203.0.113.77', 'user-agent': 'Zebra/1 Mozilla/5.0' });
    const row = JSON.stringify(await clicksOf(code));
    expect(row).not.toContain('203.0.113.77');
    expect(row).not.toContain('Zebra');
    const { rows } = await own.db.enginePool.query('select * from link_clicks where code = $1', [code]);
    expect(JSON.stringify(rows)).not.toMatch(/203\.0\.113\.77|Zebra/);
  });

  test('that is opened without end fills no table', async () => {
    const code = await link();
    await own.db.enginePool.query(
      `insert into link_clicks (account_id, code, at, machine) select $1, $2, 0, false from generate_series(1, 499)`,
      [accountId, code],
    );
    for (let i = 0; i < 3; i++) expect((await visit(`/s/${code}`)).statusCode).toBe(302);
    expect(await clicksOf(code)).toHaveLength(500);
    // Machines have room of their own, so that they never crowd out a person, nor the other way round.
    await visit(`/s/${code}`, PHONE, 'HEAD');
    expect(await clicksOf(code)).toHaveLength(501);
  });

  test('that is unknown, expired or malformed is a page that says so', async () => {
    const code = await link();
    clock.advance(LINK_KEPT_MS);
    for (const path of [code, 'AAAAAAAA', 'x', '..%2f..%2fetc', '%00', "'--", 'é'.repeat(8)]) {
      const answer = await visit(`/s/${encodeURI(decodeURI(path))}`);
      expect([path, answer.statusCode]).toEqual([path, 404]);
      expect(answer.body).toContain('<h1>This link does not work</h1>');
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    expect(await clicksOf(code)).toEqual([]);
  });

  test('is forgotten once it has expired, and its clicks are not', async () => {
    const code = await link();
    const young = await link({ expiresAt: clock.now() + 2 * LINK_KEPT_MS });
    await visit(`/s/${code}`);
    clock.advance(LINK_KEPT_MS);
    await dropOldLinks(own.db.enginePool, clock.now(), 10_000);
    const { rows } = await own.db.enginePool.query('select code from links where code = any($1)', [[code, young]]);
    expect(rows).toEqual([{ code: young }]);
    expect(await clicksOf(code)).toHaveLength(1);
  });

  test('cannot take a code that exists, and then none of its batch is stored', async () => {
    const code = await link();
    await expect(link({ code })).rejects.toMatchObject({ code: '23505' });
  });
});

describe('an opt-out link', () => {
  test(verifies('links:opt-out-get', 'changes nothing when it is opened, by whoever'), async () => {
    const code = await link({ kind: LinkKind.optOut });
    for (const answer of [
      await visit(`/s/${code}`),
      await visit(`/s/${code}`, PHONE, 'HEAD'),
      await visit(`/s/${code}`, { 'user-agent': 'Slackbot-LinkExpanding 1.0' }),
      await visit(`/s/${code}?confirm=1&List-Unsubscribe=One-Click`),
    ]) {
      expect(answer.statusCode).toBe(200);
    }
    expect(await stored('suppressions')).toEqual([]);
    expect(await stored('consent_events')).toEqual([]);
    expect(await clicksOf(code)).toEqual([]);
  });

  test(verifies('links:pages', 'asks on a page without scripts that shows a hostile name as text'), async () => {
    const { body, headers } = await visit(`/s/${await link({ kind: LinkKind.optOut })}`);
    expect(body).toContain('Stop all text messages from &lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd');
    expect(body).toContain('number ending in 111.');
    expect(body).not.toMatch(/<script|\+61|411111/i);
    expect(body).toContain('<html lang="en">');
    expect(body.match(/<button/g)).toHaveLength(1);
    expect(body).toContain('<form method="post">');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    // What the policy allows is the style that stands there, to the byte.
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
  });

  test(verifies('links:opt-out-post', 'opts out when its button is pressed, with the sentence as proof'), async () => {
    const code = await link({ kind: LinkKind.optOut, recipient: '+61422222222', campaignId: 9, listId });
    await own.db.enginePool.query(
      `insert into contacts (account_id, list_id, created_at, updated_at, phone_number) values ($1, $2, 0, 0, '+61422222222')`,
      [accountId, listId],
    );
    const press = () =>
      app.inject({
        method: 'POST',
        url: `/s/${code}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '203.0.113.9' },
        payload: 'List-Unsubscribe=One-Click',
      });
    const answer = await press();
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('You have opted out');
    expect(answer.body).toContain('Reply START');
    expect(answer.body).not.toMatch(/<script|<form/i);
    expect(await stored('suppressions')).toMatchObject([{ channel: 1, address: '+61422222222', provisional: false }]);
    expect(await stored('consent_events')).toMatchObject([
      {
        channel: 1,
        address: '+61422222222',
        at: clock.now(),
        kind: 'opt-out',
        how: 'link',
        words: `Stop all text messages from ${HOSTILE} to the number ending in 222.`,
        campaign_id: 9,
        ip: '203.0.113.9',
      },
    ]);
    const { rows } = await own.db.enginePool.query('select list_id from contacts where list_id = $1', [listId]);
    expect(rows).toEqual([]);
    // Pressed twice is as once.
    expect((await press()).statusCode).toBe(200);
    expect(await stored('suppressions')).toHaveLength(1);
  });

  test('takes any form, an empty one too, but no large one', async () => {
    for (const payload of [undefined, '{}', 'a=b', '\u0000']) {
      const code = await link({ kind: LinkKind.optOut });
      const type = payload === undefined ? {} : { 'content-type': 'multipart/form-data; boundary=x' };
      const answer = await app.inject({
        method: 'POST',
        url: `/s/${code}`,
        headers: type,
        ...(payload && { payload }),
      });
      expect([payload, answer.statusCode]).toEqual([payload, 200]);
    }
    const answer = await app.inject({
      method: 'POST',
      url: '/s/AAAAAAAA',
      payload: 'x'.repeat(5_000),
      headers: { 'content-type': 'text/plain' },
    });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([413, 'text/html; charset=utf-8']);
  });

  test('is not what a short link is: pressing one of those does nothing', async () => {
    const code = await link();
    expect((await visit(`/s/${code}`, PHONE, 'POST')).statusCode).toBe(404);
    expect(await clicksOf(code)).toEqual([]);
  });
});

describe('guessing', () => {
  const guess = (address: string, code = newCode(systemRandom)) =>
    app.inject({ method: 'GET', url: `/s/${code}`, headers: { ...PHONE, 'x-forwarded-for': address } });

  test(verifies('links:guessing', 'is slowed down by address, also for a right code'), async () => {
    const right = await link();
    for (let i = 0; i < 101; i++) expect((await guess('203.0.113.1')).statusCode).toBe(404);
    const waiting = await guess('203.0.113.1', right);
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([429, '1']);
    expect(waiting.body).toContain('Wait a moment');
    expect(await clicksOf(right)).toEqual([]);
    expect((await guess('203.0.113.2', right)).statusCode).toBe(302);
    clock.advance(1_000);
    expect((await guess('203.0.113.1', right)).statusCode).toBe(302);
    // One right code does not buy more guesses.
    clock.advance(1_000);
    expect((await guess('203.0.113.1')).statusCode).toBe(404);
    expect((await guess('203.0.113.1', right)).headers['retry-after']).toBe('2');
  });

  test('what opens right links only never waits', async () => {
    const right = await link();
    const answers = await Promise.all(Array.from({ length: 90 }, () => guess('203.0.113.3', right)));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([302]));
    for (let i = 0; i < 150; i++) expect((await guess('203.0.113.3', right)).statusCode).toBe(302);
  });

  test('pressing counts as opening does', async () => {
    const press = () =>
      app.inject({ method: 'POST', url: `/s/${newCode(systemRandom)}`, headers: { 'x-forwarded-for': '203.0.113.4' } });
    for (let i = 0; i < 101; i++) await press();
    expect((await press()).statusCode).toBe(429);
  });
});

describe(verifies('links:own-host', 'a link host of its own'), () => {
  const at = (host: string, path: string, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url: path, headers: { ...PHONE, host } });

  test('serves codes at its root, no other host does, and old links go on working', async () => {
    await app.close();
    app = await open('https://acme.link');
    const code = await link();
    expect((await at('acme.link', `/${code}`)).statusCode).toBe(302);
    expect((await at('ACME.link:443', `/${code}`)).statusCode).toBe(302);
    const elsewhere = await at('sms.example.test', `/${code}`);
    expect([elsewhere.statusCode, elsewhere.json().response_code]).toEqual([404, 'NOT_FOUND']);
    expect((await at('sms.example.test', `/s/${code}`)).statusCode).toBe(302);
    expect((await at('acme.link', '/AAAAAAAA')).body).toContain('This link does not work');
    const optOut = await link({ kind: LinkKind.optOut, recipient: '+61433333333' });
    expect((await at('sms.example.test', `/${optOut}`, 'POST')).statusCode).toBe(404);
    expect((await at('acme.link', `/${optOut}`, 'POST')).statusCode).toBe(200);
  });

  test('may have a path', async () => {
    await app.close();
    app = await open('https://acme.example/go/');
    const code = await link();
    expect((await at('acme.example', `/go/${code}`)).statusCode).toBe(302);
    expect((await at('acme.example', `/${code}`)).statusCode).toBe(404);
  });

  test('is believed from a trusted proxy', async () => {
    await app.close();
    app = await open('https://acme.link');
    const code = await link();
    const headers = { ...PHONE, host: 'backend:8080', 'x-forwarded-host': 'acme.link' };
    expect((await app.inject({ url: `/${code}`, headers })).statusCode).toBe(302);
  });
});

test('what breaks is told in words, logged without the code', async () => {
  const broken = { connect: () => Promise.reject(new Error('boom')), query: () => Promise.reject(new Error('boom')) };
  const sick = openApp({ newId: () => 'request-9', trustProxy: [], log: () => {} });
  addLinks(sick, { pool: broken as never, clock, linkUrl: null, log: (event, facts) => logged.push({ event, facts }) });
  const answer = await sick.inject({ url: '/s/AAAAAAAA', headers: PHONE });
  expect(answer.statusCode).toBe(500);
  expect(answer.body).toContain('Request request-9');
  expect(answer.body).not.toContain('boom');
  expect(logged).toMatchObject([{ event: 'request.bug', facts: { route: '/s/:code', message: 'boom' } }]);
  expect(JSON.stringify(logged)).not.toContain('AAAAAAAA');
  await sick.close();
});
