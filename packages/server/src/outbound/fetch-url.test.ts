import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import {
  bytesOf,
  type PretendInternet,
  PUBLIC_ADDRESS,
  pretendInternet,
  refusalOfFetch,
} from '../../../../test/rig/pretend-internet.ts';
import { fetchUrl } from './fetch-url.ts';

const LIMIT = 100_000;
const INSIDE = [{ address: '10.0.0.5', family: 4 as const }];

let internet: PretendInternet;
beforeEach(async () => {
  internet = await pretendInternet();
});
afterEach(() => internet.close());

const get = (url: string, maxBytes = LIMIT) => fetchUrl(internet.parts, url, { maxBytes, field: 'file_url' });
const whole = async (url: string) => bytesOf(await get(url));
const refusalOf = (work: Promise<unknown>) => refusalOfFetch(internet, work);

describe('a file elsewhere', () => {
  test('comes as it is, with its name and what it is said to be', async () => {
    internet.site = (request, response) => {
      expect(request.method).toBe('GET');
      expect(request.url).toBe('/lists/sept%20list.csv?token=SECRET');
      expect(request.headers).toMatchObject({ host: 'files.example', 'accept-encoding': 'identity' });
      expect(request.headers).not.toHaveProperty('authorization');
      response.writeHead(200, { 'content-type': 'Text/CSV; charset=utf-8' }).end('a,b\n');
    };
    const fetched = await get('https://files.example/lists/sept%20list.csv?token=SECRET#part');
    expect(fetched).toMatchObject({ contentType: 'text/csv', name: 'sept list.csv' });
    expect(String(await bytesOf(fetched))).toBe('a,b\n');
    expect(internet.connections).toMatchObject([{ host: 'files.example', port: 443, secure: true }]);
    expect(await internet.open()).toBe(0);
  });

  test.each([
    ['attachment; filename="list 1.csv"', 'list 1.csv'],
    ['attachment; filename=list.csv', 'list.csv'],
    [`attachment; filename="x.csv"; filename*=UTF-8''b%C3%BCcher.csv`, 'bücher.csv'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="C:\\\\temp\\\\a.csv"', 'a.csv'],
    [`attachment; filename*=UTF-8''%00a%0d%0ab.csv`, 'ab.csv'],
    ['attachment', 'x.csv'],
  ])('called %j goes by the name %j', async (disposition, name) => {
    internet.site = (_, response) => response.writeHead(200, { 'content-disposition': disposition }).end('a');
    const fetched = await get('http://files.example/x.csv');
    expect(fetched.name).toBe(name);
    await bytesOf(fetched);
  });

  test('may hold as much as the limit says, and not a byte more', async () => {
    internet.site = (_, response) => response.end(Buffer.alloc(LIMIT));
    expect((await whole('http://files.example/')).length).toBe(LIMIT);
    expect(await refusalOf(get('http://files.example/', LIMIT - 1))).toContain('more than 99999 bytes');
  });

  test.each([404, 500, 204, 206, 304, 401])(verifies('url-guard:rules', 'answered %i is none'), async (status) => {
    internet.site = (_, response) => response.writeHead(status).end(status === 204 ? undefined : 'no');
    expect(await refusalOf(get('http://files.example/SECRET'))).toContain(`HTTP ${status}`);
  });

  test('that is not read after all is let go of in the end', async () => {
    internet.site = (_, response) => response.write('a');
    await get('http://files.example/');
    internet.clock.advance(120_000);
    expect(await internet.open()).toBe(0);
  });

  test('that is read in part only is let go of at once', async () => {
    internet.site = (_, response) => response.write('a');
    const pieces = (await get('http://files.example/')).body[Symbol.asyncIterator]();
    await pieces.next();
    await pieces.return?.();
    expect(await internet.open()).toBe(0);
  });
});

describe('a name server that changes its mind', () => {
  test(verifies('url-guard:pinned', 'fault:F48', 'is asked once, and its first answer is connected to'), async () => {
    internet.names.set('rebind.example', [[PUBLIC_ADDRESS], INSIDE]);
    internet.site = (_, response) => response.end('fine');
    expect(String(await whole('http://rebind.example/'))).toBe('fine');
    expect(internet.lookups).toEqual(['rebind.example']);
    expect(internet.connections.map(({ addresses }) => addresses)).toEqual([[PUBLIC_ADDRESS]]);
  });

  test(verifies('url-guard:pinned', 'fault:F48', 'is judged anew when a redirect leads to it again'), async () => {
    internet.names.set('rebind.example', [[PUBLIC_ADDRESS], INSIDE]);
    internet.site = (_, response) => response.writeHead(302, { location: '/again' }).end();
    await refusalOf(get('http://rebind.example/'));
    expect(internet.connections.length).toBe(1);
  });
});

describe('a redirect', () => {
  const to = (...locations: string[]) => {
    let hop = 0;
    internet.site = (_, response) => {
      const location = locations[hop++];
      if (location === undefined) response.end('arrived');
      else response.writeHead([301, 302, 303, 307, 308][hop % 5] ?? 302, { location }).end('SECRET');
    };
  };

  test(verifies('url-guard:redirects', 'is followed five times, each hop on a connection of its own'), async () => {
    to('/b', 'https://b.example/', '//c.example/x', 'http://d.example:80/?q=1', 'https://e.example/end.csv');
    const fetched = await get('http://a.example/');
    expect(String(await bytesOf(fetched))).toBe('arrived');
    expect(fetched.name).toBe('end.csv');
    expect(internet.connections.map(({ url }) => url.href)).toEqual([
      ...['http://a.example/', 'http://a.example/b', 'https://b.example/', 'https://c.example/x'],
      ...['http://d.example/?q=1', 'https://e.example/end.csv'],
    ]);
    expect(await internet.open()).toBe(0);
  });

  test(verifies('url-guard:redirects', 'is not followed a sixth time'), async () => {
    to(...Array.from({ length: 20 }, (_, i) => `/${i}`));
    expect(await refusalOf(get('http://a.example/'))).toContain('more than 5 times');
    expect(internet.connections.length).toBe(6);
  });

  test.each([
    ...[
      'http://169.254.169.254/latest/meta-data/SECRET',
      'http://127.0.0.1/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://0x7f.1/',
    ],
    ...[
      'file:///etc/passwd',
      'gopher://a.example/',
      'http://a.example:22/',
      'http://user:SECRET@a.example/',
      'http://inside.example/',
    ],
    ...['', 'http://'],
  ])(verifies('url-guard:redirects', 'url-guard:quiet', 'fault:F48', 'to %j is refused'), async (location) => {
    internet.names.set('inside.example', [INSIDE]);
    to('https://b.example/', location);
    await refusalOf(get('http://a.example/'));
    expect(internet.connections.map(({ host }) => host)).toEqual(['a.example', 'b.example']);
  });

  test('without an address leads nowhere', async () => {
    internet.site = (_, response) => response.writeHead(302).end();
    expect(await refusalOf(get('http://a.example/'))).toContain('redirected to nowhere');
  });
});
