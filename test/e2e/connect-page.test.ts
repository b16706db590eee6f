import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { type Browser, browserIsInstalled, type ContextOptions, openBrowser, type Page } from '../rig/browser.ts';
import { type ConnectApp, openConnectApp } from '../rig/connect-link.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

/** The hosted connect page as people see it: a real Chromium, a real server, and an application that asks. */
let folder: string;
let server: RunningServer;
let app: ConnectApp;
/** Stands in the cloud's place, and hangs up on everybody. */
const cloud = createServer((socket) => socket.destroy());

beforeAll(async () => {
  folder = await temporaryFolder('veredus-connect-');
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve));
  const { port } = cloud.address() as AddressInfo;
  server = await startServer(folder, { VEREDUS_CLOCK: 'sandbox', VEREDUS_CLOUD_URL: `http://127.0.0.1:${port}` });
  app = await openConnectApp(server);
}, 60_000);
afterAll(async () => {
  await app?.close();
  await server?.stop();
  await new Promise((resolve) => cloud.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function enter(page: Page, password: string, username = server.credentials.username) {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password or API key').fill(password);
  await page.getByRole('button', { name: 'Connect' }).click();
}

const withBrowser = peer('Chromium in test/clients', browserIsInstalled);

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    if (browserIsInstalled()) browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  /** A browser of its own that opened the link; whatever its console complains of fails the test. */
  async function opened(url: string, options: ContextOptions = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const answer = await page.goto(url);
    return { context, page, status: answer?.status() ?? 0, complaints };
  }

  withBrowser(
    verifies('connect:asks', 'connect:wrong', 'connect:success', 'wrong first, then right, without JavaScript'),
    async () => {
      const { url, connectionId } = await app.link(app.callbackUrl);
      const { context, page, complaints } = await opened(url, { javaScriptEnabled: false });
      expect(await page.title()).toBe('Connect ClickSend');
      const shown = await page.locator('main').ariaSnapshot();
      expect(shown).toContain(new URL(server.url).host);
      expect(shown).toContain('This server');
      await enter(page, 'not-the-password');
      const alert = page.getByRole('alert', { name: 'That did not work' });
      await alert.waitFor();
      expect(await alert.innerText()).toContain('4 tries are left');
      expect(await page.title()).toBe('Error: Connect ClickSend');
      expect(await page.getByLabel('Username').inputValue()).toBe(server.credentials.username);
      expect(await page.getByLabel('Password or API key').inputValue()).toBe('');
      expect((await app.connection(connectionId)).status).toBe('INITIATED');
      await enter(page, server.credentials.api_key);
      await page.getByRole('heading', { name: 'Back in the app' }).waitFor();
      const back = `/back?keep=a%20b&status=success&connected_account_id=${connectionId}`;
      expect(app.called.filter((path) => path.includes(connectionId))).toEqual([back]);
      expect(page.url()).toBe(new URL(back, app.callbackUrl).href);
      expect((await app.connection(connectionId)).status).toBe('ACTIVE');
      expect(complaints.filter((words) => !words.includes('422'))).toEqual([]);
      // The link's own address tells the same browser what came of it.
      await page.goto(url);
      await page.getByRole('heading', { name: 'Connected' }).waitFor();
      expect(await page.getByRole('button').count()).toBe(0);
      await context.close();
    },
    30_000,
  );

  withBrowser(
    verifies('connect:success', 'a callback that sends the browser on to another host gets it there'),
    async () => {
      const { url, connectionId } = await app.link(app.chainedUrl);
      const { context, page, complaints } = await opened(url);
      await enter(page, server.credentials.api_key);
      await page.getByRole('heading', { name: 'Back in the app' }).waitFor();
      expect(app.called.filter((path) => path.includes(connectionId))).toEqual([
        `/callback?status=success&connected_account_id=${connectionId}`,
        `/pages/callback?status=success&connected_account_id=${connectionId}`,
      ]);
      expect(complaints).toEqual([]);
      await context.close();
    },
    30_000,
  );

  withBrowser(
    verifies('connect:accessible', 'by the keyboard alone, on a small screen, with a fault that has the focus'),
    async () => {
      const { url, connectionId } = await app.link();
      const { context, page } = await opened(url, { viewport: { width: 360, height: 640 }, colorScheme: 'dark' });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await page.evaluate('document.documentElement.lang')).toBe('en');
      const snapshot = await page.locator('main').ariaSnapshot();
      for (const line of [
        'heading "Connect ClickSend" [level=1]',
        'textbox "Username"',
        'textbox "Password or API key"',
        'button "Connect"',
        'button "Cancel"',
      ]) {
        expect(snapshot).toContain(line);
      }
      const type = async (texts: readonly string[]) => {
        for (const text of texts) {
          await page.keyboard.press('Tab');
          await page.keyboard.type(text);
        }
        await page.keyboard.press('Enter');
      };
      await type([server.credentials.username, 'wrong']);
      await page.getByRole('alert').waitFor();
      expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
      expect(await page.locator('main').ariaSnapshot()).toContain('textbox "Password or API key" [invalid]');
      const described = await page.getByLabel('Password or API key').getAttribute('aria-describedby');
      for (const id of described?.split(' ') ?? []) expect(await page.locator(`#${id}`).count()).toBe(1);
      // The fault's link leads to its field.
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await eventually(() => page.evaluate<boolean>('document.activeElement.id === "password"'));
      await page.keyboard.type(server.credentials.api_key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Connected' }).waitFor();
      expect(page.url().split('#')[0]).toBe(url);
      expect((await app.connection(connectionId)).status).toBe('ACTIVE');
      await context.close();
    },
    30_000,
  );

  withBrowser(
    verifies('connect:bound', 'fault:F58', 'another browser is refused, before and after, and disturbs nothing'),
    async () => {
      const { url, connectionId } = await app.link();
      const { context, page } = await opened(url);
      const stranger = await opened(url);
      expect(stranger.status).toBe(403);
      await stranger.page.getByRole('heading', { name: 'This link is open in another browser' }).waitFor();
      expect(await stranger.page.getByRole('textbox').count()).toBe(0);
      expect(await stranger.context.cookies()).toEqual([]);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/connect' });
      await enter(page, server.credentials.api_key);
      await page.getByRole('heading', { name: 'Connected' }).waitFor();
      expect((await stranger.page.goto(url))?.status()).toBe(410);
      await stranger.page.getByRole('heading', { name: 'This link was used' }).waitFor();
      expect((await app.connection(connectionId)).status).toBe('ACTIVE');
      await context.close();
      await stranger.context.close();
    },
    30_000,
  );

  withBrowser(
    verifies('connect:wrong', 'fault:F58', 'five wrong tries close the link, for the right password too'),
    async () => {
      const { url, connectionId } = await app.link(app.callbackUrl);
      const { context, page } = await opened(url, { javaScriptEnabled: false });
      for (const left of ['4 tries are left', '3 tries are left', '2 tries are left', 'One try is left']) {
        await enter(page, 'wrong', 'nobody');
        await eventually(async () => (await page.getByRole('alert').innerText()).includes(left));
      }
      await enter(page, 'wrong', 'nobody');
      await page.getByRole('heading', { name: 'This link is closed' }).waitFor();
      expect((await page.goto(url))?.status()).toBe(410);
      expect(await page.getByRole('textbox').count()).toBe(0);
      const connection = await app.connection(connectionId);
      expect(connection.status).toBe('FAILED');
      expect(connection.status_reason).toMatch(/wrong/);
      await page.getByRole('link', { name: /^Back to/ }).click();
      await page.getByRole('heading', { name: 'Back in the app' }).waitFor();
      expect(page.url()).toContain('status=failed');
      await context.close();
    },
    60_000,
  );

  withBrowser(
    verifies('connect:cancel', 'who does not want to is taken back, and nothing is connected'),
    async () => {
      const { url, connectionId } = await app.link(app.chainedUrl);
      const { context, page } = await opened(url);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'Back in the app' }).waitFor();
      expect(page.url()).toContain(`status=failed&connected_account_id=${connectionId}`);
      expect((await app.connection(connectionId)).status).toBe('FAILED');
      expect((await page.goto(url))?.status()).toBe(410);
      await context.close();
    },
    30_000,
  );
});

/** As a program: no browser, no redirects followed. */
const ask = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });

async function visit(url: string) {
  const answer = await ask(url);
  const body = await answer.text();
  return {
    status: answer.status,
    body,
    cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '',
    proof: /name="proof" value="([^"]+)"/.exec(body)?.[1] ?? '',
  };
}

const submit = (url: string, cookie: string, fields: Record<string, string>) =>
  ask(url, { method: 'POST', headers: { cookie }, body: new URLSearchParams(fields) });

test(
  verifies(
    'connect:success',
    'connect:forged',
    'fault:F58',
    'a program is redirected, once, and replays change nothing',
  ),
  async () => {
    const { url, connectionId } = await app.link(app.callbackUrl);
    const { status, cookie, proof } = await visit(`${url}?callback_url=https://evil.example&state=forged`);
    expect(status).toBe(200);
    const { username, api_key: password } = server.credentials;
    const fields = { proof, username, password };
    expect((await submit(url, '', fields)).status).toBe(403);
    expect((await submit(url, cookie, { ...fields, proof: 'forged' })).status).toBe(403);
    expect((await app.connection(connectionId)).status).toBe('INITIATED');
    const right = await submit(url, cookie, fields);
    expect(right.status).toBe(303);
    const location = `${app.callbackUrl}&status=success&connected_account_id=${connectionId}`;
    expect(right.headers.get('location')).toBe(location);
    const connected = await app.connection(connectionId);
    expect(connected.status).toBe('ACTIVE');
    // Sent again, with other credentials: the same end, and the connection stays what it is.
    const replayed = await submit(url, cookie, { ...fields, username: 'somebody-else', password: 'x' });
    expect([303, 410]).toContain(replayed.status);
    expect(await app.connection(connectionId)).toEqual(connected);
    // Without the cookie it was used by somebody.
    expect((await visit(url)).status).toBe(410);
  },
);

async function restLink(wish: Record<string, unknown>): Promise<{ url: string; connectionId: string }> {
  const { status, body } = await server.call('POST', '/v3/connections', { user_id: 'anna', ...wish });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return { url: body.data.link.url, connectionId: body.data.connection.connection_id };
}

test(
  verifies('connect:success', 'connect:asks', 'fault:F58', 'the state comes back as it went, and names stay text'),
  async () => {
    const state = `s&status=failed&x="><script>#\u202e é`;
    const requestedBy = '<img src=x onerror=alert(1)> & Sons';
    const { url, connectionId } = await restLink({
      ...{ callback_url: app.callbackUrl, state, requested_by: requestedBy },
    });
    const { body, cookie, proof } = await visit(url);
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; Sons');
    expect(body).not.toContain('<img');
    const { username, api_key: password } = server.credentials;
    const { headers } = await submit(url, cookie, { proof, username, password });
    const back = new URL(headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe(app.callbackUrl.split('?')[0]);
    expect([...back.searchParams]).toEqual([
      ['keep', 'a b'],
      ['status', 'success'],
      ['connected_account_id', connectionId],
      ['state', state],
    ]);
    expect(back.hash).toBe('');
  },
);

test(
  verifies('connect:query', 'fault:F58', 'a callback that is no page of the web is refused when the link is made'),
  async () => {
    for (const callback_url of [
      ...['javascript:alert(1)', 'data:text/html,x', '//evil.example/x', 'https:evil.example', 'http://evil.example/x'],
      ...[
        'https://user:pass@evil.example/',
        'https://evil.example\\@good.example/',
        'https://evil.example/\r\nx: y',
        'back',
      ],
    ]) {
      const { status } = await server.call('POST', '/v3/connections', { user_id: 'anna', callback_url });
      expect([callback_url, status]).toEqual([callback_url, 400]);
    }
  },
);

test(
  verifies('connect:wrong', 'connect:asks', 'a cloud that hangs up is not taken for wrong credentials'),
  async () => {
    const { url, connectionId } = await restLink({ target: 'cloud' });
    const { body, cookie, proof } = await visit(url);
    expect(body).toContain('The ClickSend cloud');
    expect(body).toContain(`<small>127.0.0.1:${(cloud.address() as AddressInfo).port}</small>`);
    for (let tries = 0; tries < 6; tries++) {
      const answer = await submit(url, cookie, { proof, username: 'anna', password: 'CANARY-OF-THE-CLOUD' });
      const said = await answer.text();
      expect(answer.status).toBe(503);
      expect(said).toContain('That could not be checked');
      expect(said).not.toMatch(/CANARY|are left/);
    }
    const { body: shown } = await server.call('GET', `/v3/connections/${connectionId}`);
    expect(shown.data.status).toBe('INITIATED');
  },
);

test(verifies('connect:gone', 'an expired link says so, and its connection is given up'), async () => {
  const { url } = await app.link();
  const before = await visit(url);
  expect(before.status).toBe(200);
  expect((await server.call('POST', '/sandbox/clock', { advance_seconds: 11 * 60 })).status).toBe(200);
  const { username, api_key: password } = server.credentials;
  const late = await submit(url, before.cookie, { proof: before.proof, username, password });
  expect(late.status).toBe(410);
  expect(await late.text()).toContain('This link has expired');
  expect((await visit(url)).status).toBe(410);
});

test(verifies('connect:gone', 'unknown and malformed ones are one page'), async () => {
  const pages = await Promise.all(
    [`ln_${'a'.repeat(32)}`, 'x', '..%2fetc', '%00'].map((token) => visit(`${server.url}/connect/${token}`)),
  );
  expect(new Set(pages.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
  expect(pages[0]?.status).toBe(404);
});
