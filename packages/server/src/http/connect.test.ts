import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { LinkRefusal, type OpenedConnectLink, type Submitted } from '../connections/links.ts';
import { openApp } from './app.ts';
import { addConnect } from './connect.ts';

/** The page by itself: links are played here, and are real in test/e2e/connect-page.test.ts. */
const TOKEN = 'ln_abcdefghijklmnopqrstuvwx';
const SECRET = 'the-secret-of-one-browser-0123456789';
const HOSTILE = `<script>alert(1)</script>"'&\u202e`;
const CALLBACK = 'https://app.example.test/back?keep=a%20b';
const RIGHT = 'right-password';

let clock: HandClock;
let app: FastifyInstance;
let publicUrl: string;
let link: OpenedConnectLink;
let answers: Submitted[];
let tried: unknown[];
let declined: string | null;
let refusal: Error | null;
const logged: unknown[] = [];

beforeEach(async () => {
  clock = handClock();
  publicUrl = 'https://msg.example.test';
  link = {
    ...{ connectionId: 'ca_1', requestedBy: HOSTILE, target: 'cloud', toolkitName: 'ClickSend', accountName: 'Bakery' },
    ...{ expiresAt: clock.now() + 600_000, usernameHint: '', triesLeft: 5, done: false, doneUrl: null },
    ...{ failureUrl: `${CALLBACK}&status=failed`, browser: null },
  };
  answers = [];
  tried = [];
  declined = null;
  refusal = null;
  app = await open();
});
afterEach(() => app.close());

async function open(): Promise<FastifyInstance> {
  const opened = openApp({ newId: () => 'request-1', trustProxy: ['127.0.0.1'], log: () => {} });
  addConnect(opened, {
    clock,
    publicUrl: () => publicUrl,
    hostOf: (target) => (target === 'local' ? new URL(publicUrl).host : 'rest.clicksend.com'),
    log: (event, facts) => logged.push({ event, facts }),
    links: {
      async open(token, browser) {
        if (refusal) throw refusal;
        if (token !== TOKEN) throw new LinkRefusal('unknown', 'There is no such link.');
        if (browser !== null && browser !== SECRET) throw new LinkRefusal('other-browser', 'It is open elsewhere.');
        return { ...link, browser: browser === null ? SECRET : null };
      },
      async submit(token, browser, credentials) {
        if (refusal) throw refusal;
        tried.push({ token, browser, ...credentials });
        return answers.shift() ?? { kind: 'busy', words: 'Another try is under way.' };
      },
      async decline() {
        return { location: declined };
      },
    },
  });
  await opened.ready();
  return opened;
}

const visit = (headers: Record<string, string> = {}, path = `/connect/${TOKEN}`, method: 'GET' | 'HEAD' = 'GET') =>
  app.inject({ method, url: path, headers });

async function opened() {
  const answer = await visit();
  const cookie = String(answer.headers['set-cookie']).split(';')[0]!;
  const proof = /name="proof" value="([^"]+)"/.exec(answer.body)?.[1] ?? '';
  return { cookie, proof };
}

const post = (fields: Record<string, string>, headers: Record<string, string> = {}, url = `/connect/${TOKEN}`) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });

async function submit(fields: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const { cookie, proof } = await opened();
  return post({ proof, username: ' anna ', password: RIGHT, answer: 'connect', ...fields }, { cookie, ...headers });
}

describe('the form', () => {
  test(verifies('connect:asks', 'says who asks for what, where it goes, and until when'), async () => {
    const { statusCode, body } = await visit();
    expect(statusCode).toBe(200);
    expect(body).toContain('<html lang="en">');
    expect(body).toContain('<title>Connect ClickSend</title>');
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd');
    expect(body).not.toMatch(/<script/i);
    for (const words of ['The ClickSend cloud', 'rest.clicksend.com', 'Bakery', '00:10 UTC', '10 minutes', 'charged']) {
      expect(body).toContain(words);
    }
    expect(body).toContain('dashboard.clicksend.com');
    link = { ...link, target: 'local' };
    const own = (await visit()).body;
    for (const words of ['This server', 'msg.example.test', 'npm run veredus -- key create', 'credentials.json']) {
      expect(own).toContain(words);
    }
    expect(own).not.toContain('rest.clicksend.com');
  });

  test(
    verifies('connect:accessible', 'names its fields, and lets managers fill in only what is this server’s'),
    async () => {
      const cloud = (await visit()).body;
      for (const name of ['username', 'password']) {
        expect(cloud).toContain(`<label for="${name}">`);
        expect(cloud).toMatch(
          new RegExp(`<input id="${name}"[^>]* autocomplete="off"[^>]* aria-describedby="${name}-help"`),
        );
        expect(cloud).toContain(`id="${name}-help"`);
      }
      link = { ...link, target: 'local' };
      const own = (await visit()).body;
      expect(own).toContain('autocomplete="username"');
      expect(own).toContain('autocomplete="current-password"');
      // Enter presses the first button.
      expect([...own.matchAll(/value="(connect|cancel)"/g)].map((match) => match[1])).toEqual(['connect', 'cancel']);
    },
  );

  test(verifies('connect:policy', 'runs nothing, loads nothing, stands in no frame and is kept nowhere'), async () => {
    const { headers, body } = await visit();
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(
      /^default-src 'none'; style-src( 'sha256-[\w+/]+='){2}; form-action 'self' https:\/\/app\.example\.test; frame-ancestors 'none'; base-uri 'none'$/,
    );
    for (const [, style = ''] of body.matchAll(/<style>([\s\S]*?)<\/style>/g)) {
      expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
    }
    expect(body).not.toMatch(/ style=| on\w+=|javascript:/i);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
    });
    link = { ...link, failureUrl: null };
    expect((await visit()).headers['content-security-policy']).toContain("form-action 'self'; frame");
    // Not one of these is taken for a callback; nor would it get into a policy.
    for (const odd of ['http://x;sandbox;.localhost/', 'http://*.localhost/', 'https://x,y.example.test/']) {
      link = { ...link, failureUrl: odd };
      expect((await visit()).headers['content-security-policy']).toContain("form-action 'self'; frame");
    }
    link = { ...link, failureUrl: 'http://[::1]:9/x' };
    expect((await visit()).headers['content-security-policy']).toContain("form-action 'self' http://[::1]:9; frame");
  });

  test(verifies('connect:query', 'takes nothing from the query, nor from headers a caller makes up'), async () => {
    const plain = await visit();
    const forged = await visit(
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', host: 'evil.example' },
      `/connect/${TOKEN}?callback_url=https://evil.example&state=evil&target=local&host=evil.example&username=evil`,
    );
    expect(forged.body).toBe(plain.body);
    expect(forged.headers['set-cookie']).toBe(plain.headers['set-cookie']);
    expect(forged.headers['content-security-policy']).toBe(plain.headers['content-security-policy']);
  });
});

describe('the browser', () => {
  test(verifies('connect:bound', 'is known by a cookie of this link and page alone'), async () => {
    const cookie = String((await visit()).headers['set-cookie']);
    expect(cookie).toMatch(
      new RegExp(
        `^__Secure-veredus_connect_[0-9a-f]{16}=${SECRET}; Path=/connect; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$`,
      ),
    );
    publicUrl = 'http://127.0.0.1:8080/below/';
    const plain = String((await visit()).headers['set-cookie']);
    expect(plain).toMatch(/^veredus_connect_/);
    expect(plain).toContain('; Path=/below/connect;');
    expect(plain).not.toContain('Secure');
    // Brought along, it is not given again.
    expect((await visit({ cookie: `other=1; ${plain.split(';')[0]}` })).headers['set-cookie']).toBeUndefined();
    // What we never gave out is none.
    const odd = await visit({ cookie: `${plain.split('=')[0]}="><script>` });
    expect([odd.statusCode, odd.headers['set-cookie']]).toEqual([200, plain]);
  });

  test(verifies('connect:bound', 'is known also where a cookie of the same name was set in front of it'), async () => {
    const { cookie, proof } = await opened();
    const planted = `${cookie.split('=')[0]}=another-hosts-cookie-`;
    const crowd = Array.from({ length: 7 }, (_, i) => `${planted}${i}`).join('; ');
    for (const both of [`${planted}1; ${cookie}`, `${cookie}; ${planted}1`, `a=b; ${crowd}; ${cookie}`]) {
      const { statusCode, body, headers } = await visit({ cookie: both });
      expect([statusCode, headers['set-cookie']]).toEqual([200, undefined]);
      expect(body).toContain(`name="proof" value="${proof}"`);
      await post({ proof, username: 'anna', password: RIGHT, answer: 'connect' }, { cookie: both });
      expect(tried.at(-1)).toMatchObject({ browser: SECRET });
    }
    expect(tried.length).toBe(3);
  });

  test(verifies('connect:bound', 'is another one: it is told so'), async () => {
    const name = String((await visit()).headers['set-cookie']).split('=')[0];
    const other = await visit({ cookie: `${name}=some-other-browsers-secret` });
    expect(other.statusCode).toBe(403);
    expect(other.body).toContain('This link is open in another browser');
    expect(other.body).not.toContain('<form');
  });

  test(verifies('connect:previews', 'is not a preview, a prefetch or a HEAD; programs are'), async () => {
    for (const headers of [
      { 'user-agent': 'WhatsApp/2.23.20.0 A' },
      { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' },
      { 'user-agent': 'Mozilla/5.0 (compatible; somebot/1.0)' },
      { 'user-agent': 'Mozilla/5.0', 'sec-purpose': 'prefetch;prerender' },
    ] as Record<string, string>[]) {
      const { statusCode, headers: said, body } = await visit(headers);
      expect([statusCode, said['set-cookie']]).toEqual([200, undefined]);
      expect(body).toContain('Open it in this browser');
      expect(body).not.toMatch(/script|Bakery|password/);
    }
    expect((await visit({}, `/connect/${TOKEN}`, 'HEAD')).headers['set-cookie']).toBeUndefined();
    for (const agent of ['node', 'undici', 'curl/8.5', 'python-requests/2.32', 'Mozilla/5.0 HeadlessChrome/147', '']) {
      expect((await visit({ 'user-agent': agent })).headers['set-cookie']).toContain(SECRET);
    }
    // A person who looks like one has a button, and then the form.
    const pressed = await post({ answer: 'open' }, { 'user-agent': 'WhatsApp/2.23.20.0 A' });
    expect(pressed.headers['set-cookie']).toContain(SECRET);
    expect(pressed.body).toContain('name="password"');
  });
});

describe('a try', () => {
  test(verifies('connect:success', 'that is right leads to the callback'), async () => {
    const location = `${CALLBACK}&status=success&connected_account_id=ca_1&state=xyz`;
    answers = [{ kind: 'connected', connectionId: 'ca_1', remoteAccount: null, location }];
    const { statusCode, headers, body } = await submit();
    expect([statusCode, headers.location, body]).toEqual([303, location, '']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(tried).toEqual([{ token: TOKEN, browser: SECRET, username: 'anna', password: RIGHT }]);
  });

  test('that is right leads a browser on by a page, since its forms may not be redirected all the way', async () => {
    const location = `${CALLBACK}&status=success&state=%22%3E`;
    answers = [{ kind: 'connected', connectionId: 'ca_1', remoteAccount: null, location }];
    const { statusCode, body } = await submit({}, { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' });
    expect(statusCode).toBe(200);
    const url = location.replaceAll('&', '&amp;');
    expect(body).toContain(`<meta http-equiv="refresh" content="0; url=${url}">`);
    expect(body).toContain(`<a href="${url}">Continue to app.example.test</a>`);
  });

  test(
    verifies('connect:success', 'without a callback ends on a page of ours, at the link’s own address'),
    async () => {
      answers = [{ kind: 'connected', connectionId: 'ca_1', remoteAccount: null, location: null }];
      const { statusCode, headers } = await submit();
      expect([statusCode, headers.location]).toEqual([303, `/connect/${TOKEN}`]);
      link = { ...link, done: true };
      const { body } = await visit();
      expect(body).toContain('<h1>Connected</h1>');
      expect(body).toContain('You can close this page');
      expect(body).not.toContain('<form');
      link = { ...link, doneUrl: `${CALLBACK}&status=success` };
      expect((await visit()).body).toContain('Back to app.example.test');
    },
  );

  test(verifies('connect:wrong', 'that is wrong says so, counts, and keeps the username but no password'), async () => {
    link = { ...link, triesLeft: 3 };
    answers = [{ kind: 'wrong', words: 'ClickSend does not know them.', triesLeft: 3 }];
    const { statusCode, body } = await submit({ username: '"><b>anna', password: 'wrong-secret-77' });
    expect(statusCode).toBe(422);
    expect(body).toContain('<title>Error: Connect ClickSend</title>');
    expect(body).toContain('role="alert" tabindex="-1" autofocus');
    expect(body).toContain('ClickSend does not know them.');
    expect(body).toContain('3 tries are left');
    expect(body).toContain('value="&quot;&gt;&lt;b&gt;anna"');
    expect(body).not.toContain('wrong-secret-77');
    expect(body).toContain('<a href="#password">');
    expect(body).toMatch(
      /<input id="password"[^>]* aria-describedby="password-error password-help" aria-invalid="true"/,
    );
    // And the form goes on working.
    answers = [{ kind: 'connected', connectionId: 'ca_1', remoteAccount: null, location: CALLBACK }];
    expect((await submit()).statusCode).toBe(303);
  });

  test(verifies('connect:wrong', 'at a host that does not answer is told apart'), async () => {
    answers = [{ kind: 'unreachable', words: 'rest.clicksend.com did not answer in time.', triesLeft: 5 }];
    const { statusCode, body } = await submit();
    expect(statusCode).toBe(503);
    expect(body).toContain('That could not be checked');
    expect(body).toContain('did not answer in time');
    expect(body).not.toMatch(/aria-invalid="|are left/);
  });

  test('without a password is not made', async () => {
    answers = [{ kind: 'invalid', fields: { password: 'Enter your password or API key.' }, triesLeft: 5 }];
    const { statusCode, body } = await submit({ password: '' });
    expect(statusCode).toBe(422);
    expect(body).toContain('<a href="#password">Enter your password or API key.</a>');
    expect(body).toContain('Nothing was tried yet.');
  });

  test(verifies('connect:wrong', 'too many closes the link, with the way back'), async () => {
    answers = [{ kind: 'closed', words: 'Five wrong tries.', location: `${CALLBACK}&status=failed` }];
    const { statusCode, body } = await submit();
    expect(statusCode).toBe(410);
    expect(body).toContain('This link is closed');
    expect(body).toContain('Back to app.example.test');
    answers = [{ kind: 'closed', words: 'Five wrong tries.', location: null }];
    expect((await submit()).body).toContain('Ask for a new link');
  });

  test('beside another one looks again by itself', async () => {
    answers = [{ kind: 'busy', words: 'Another try is under way.' }];
    const { statusCode, body } = await submit();
    expect(statusCode).toBe(409);
    expect(body).toContain(`content="3; url=/connect/${TOKEN}"`);
  });

  test(verifies('connect:cancel', 'not wanted leads back as failed, or says that nothing was connected'), async () => {
    declined = `${CALLBACK}&status=failed`;
    const { statusCode, headers } = await submit({ answer: 'cancel', username: '', password: '' });
    expect([statusCode, headers.location]).toEqual([303, declined]);
    declined = null;
    const here = await submit({ answer: 'cancel' });
    expect([here.statusCode, here.body.includes('Nothing was connected')]).toEqual([200, true]);
    expect(tried).toEqual([]);
  });
});

describe(verifies('fault:F58', 'connect:forged', 'a forged form'), () => {
  test('changes nothing: without the cookie, without the proof, with another’s', async () => {
    const { cookie, proof } = await opened();
    const fields = { username: 'a', password: 'b' };
    for (const answer of ['connect', 'cancel']) {
      for (const [given, headers] of [
        [{ proof }, {}],
        [{}, { cookie }],
        [{ proof: 'x'.repeat(proof.length) }, { cookie }],
        [{ proof: '' }, { cookie }],
        [{ proof }, { cookie: cookie.replace(SECRET, 'some-other-browsers-secret') }],
        [{ proof }, { cookie, 'sec-fetch-site': 'cross-site' }],
        [{ proof }, { cookie, 'sec-fetch-site': 'same-site' }],
      ] as [Record<string, string>, Record<string, string>][]) {
        const { statusCode, body } = await post({ ...fields, ...given, answer }, headers);
        expect([given, headers, statusCode]).toEqual([given, headers, 403]);
        expect(body).toContain('Nothing was tried');
      }
    }
    expect(tried).toEqual([]);
  });

  test('of another link is not taken', async () => {
    const { cookie, proof } = await opened();
    expect((await post({ proof }, { cookie }, '/connect/ln_another')).statusCode).toBe(403);
  });

  test('in another encoding, or too large, is refused as a page', async () => {
    const { cookie } = await opened();
    for (const [type, payload, status] of [
      ['application/json', '{}', 400],
      ['text/plain', 'proof=x', 400],
      ['multipart/form-data; boundary=x', '--x--', 400],
      ['application/x-www-form-urlencoded', `username=${'x'.repeat(20_000)}`, 413],
    ] as const) {
      const headers = { cookie, 'content-type': type };
      const answer = await app.inject({ method: 'POST', url: `/connect/${TOKEN}`, headers, payload });
      expect([type, answer.statusCode]).toEqual([type, status]);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    }
  });
});

describe('a link that does not open', () => {
  test(verifies('connect:gone', 'says why, each with its status'), async () => {
    for (const [why, status, title] of [
      ['unknown', 404, 'This link does not work'],
      ['expired', 410, 'This link has expired'],
      ['closed', 410, 'This link is closed'],
      ['done', 410, 'This link was used'],
      ['other-browser', 403, 'This link is open in another browser'],
    ] as const) {
      refusal = new LinkRefusal(why, 'In words.', why === 'closed' ? `${CALLBACK}&status=failed` : null);
      const { statusCode, body, headers } = await visit();
      expect([why, statusCode]).toEqual([why, status]);
      expect(body).toContain(`<h1>${title}</h1>`);
      expect(body.includes('Back to app.example.test')).toBe(why === 'closed');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['set-cookie']).toBeUndefined();
    }
  });

  test(verifies('connect:gone', 'is the same page for what is malformed and what is unknown'), async () => {
    const unknown = await visit({}, '/connect/ln_zzzzzzzzzzzzzzzzzzzzzzzz');
    for (const path of ['x', 'a/b/c', '..%2f..%2fetc', '%00', "'--", 'x'.repeat(2_000), encodeURI('é'.repeat(8))]) {
      const answer = await visit({}, `/connect/${path}`);
      expect([path, answer.statusCode, answer.body]).toEqual([path, 404, unknown.body]);
    }
  });

  test(verifies('connect:guessing', 'is slowed down by address, also for a right token'), async () => {
    const guess = (address: string, token = 'ln_wrong') => visit({ 'x-forwarded-for': address }, `/connect/${token}`);
    for (let i = 0; i < 101; i++) expect((await guess('203.0.113.1')).statusCode).toBe(404);
    const waiting = await guess('203.0.113.1', TOKEN);
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([429, '1']);
    expect((await guess('203.0.113.2', TOKEN)).statusCode).toBe(200);
    clock.advance(1_000);
    expect((await guess('203.0.113.1', TOKEN)).statusCode).toBe(200);
    for (let i = 0; i < 150; i++) expect((await guess('203.0.113.3', TOKEN)).statusCode).toBe(200);
  });
});

test('what breaks is told in words, logged without the token and the password', async () => {
  refusal = new Error('boom');
  const answer = await visit();
  expect(answer.statusCode).toBe(500);
  expect(answer.body).toContain('Request request-1');
  expect(answer.body).not.toContain('boom');
  expect(logged).toMatchObject([{ event: 'request.bug', facts: { route: '/connect/*', message: 'boom' } }]);
  expect(JSON.stringify(logged)).not.toContain(TOKEN);
});
