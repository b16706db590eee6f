import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import {
  bytesOf,
  type PretendInternet,
  pretendInternet,
  refusalOfFetch,
} from '../../../../test/rig/pretend-internet.ts';
import { Refusal } from '../refusal.ts';
import { fetchUrl } from './fetch-url.ts';
import type { Target } from './parts.ts';

const LIMIT = 100_000;

let internet: PretendInternet;
beforeEach(async () => {
  internet = await pretendInternet();
});
afterEach(() => internet.close());

const get = (url: string) => fetchUrl(internet.parts, url, { maxBytes: LIMIT, field: 'file_url' });
const refusalOf = (work: Promise<unknown>) => refusalOfFetch(internet, work);

describe('another side that means harm', () => {
  /** The server's answer, once it has begun. */
  const begun = (begin: (response: ServerResponse) => void) =>
    new Promise<ServerResponse>((resolve) => {
      internet.site = (_, response) => {
        begin(response);
        resolve(response);
      };
    });
  const never = () => {};

  test(verifies('url-guard:bounded', 'fault:F48', 'never answers'), async () => {
    const asked = begun(never);
    const fetching = get('http://slow.example/SECRET');
    await asked;
    internet.clock.advance(14_999);
    internet.clock.advance(1);
    expect(await refusalOf(fetching)).toContain('no answer came within 15 seconds');
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'never lets us connect'), async () => {
    const fetching = fetchUrl({ ...internet.parts, connect: () => new Promise(never) }, 'http://slow.example/', {
      ...{ maxBytes: LIMIT, field: 'file_url' },
    });
    await Promise.resolve().then(never);
    await new Promise(setImmediate);
    internet.clock.advance(15_000);
    expect(await refusalOf(fetching)).toContain('no answer came');
  });

  test(verifies('url-guard:bounded', 'lets us connect when it is too late: the connection is closed'), async () => {
    let goOn = () => {};
    const late = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const parts = { ...internet.parts, connect: (target: Target) => late.then(() => internet.parts.connect(target)) };
    const fetching = fetchUrl(parts, 'http://slow.example/', { maxBytes: LIMIT, field: 'file_url' });
    await new Promise(setImmediate);
    internet.clock.advance(15_000);
    await refusalOf(fetching);
    goOn();
    while (internet.connections.length === 0 || (await internet.open()) > 0) await new Promise(setImmediate);
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'has a name server that never answers'), async () => {
    const parts = { ...internet.parts, resolve: () => new Promise<never>(never) };
    const fetching = fetchUrl(parts, 'http://slow.example/', { maxBytes: LIMIT, field: 'file_url' });
    internet.clock.advance(15_000);
    expect(await refusalOf(fetching)).toContain('no answer came');
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'falls silent in the middle'), async () => {
    const asked = begun((response) => response.write('a,b\n'));
    const pieces = (await get('http://slow.example/')).body[Symbol.asyncIterator]();
    await asked;
    expect(String((await pieces.next()).value)).toBe('a,b\n');
    const next = pieces.next();
    internet.clock.advance(15_000);
    expect(await refusalOf(next)).toContain('nothing more came for 15 seconds');
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'drips, so that it is never silent'), async () => {
    const asked = begun((response) => response.write('.'));
    const pieces = (await get('http://slow.example/')).body[Symbol.asyncIterator]();
    const response = await asked;
    await pieces.next();
    for (let seconds = 0; seconds < 110; seconds += 10) {
      internet.clock.advance(10_000);
      response.write('.');
      await pieces.next();
    }
    const next = pieces.next();
    internet.clock.advance(10_000);
    expect(await refusalOf(next)).toContain('longer than 120 seconds');
  });

  test(verifies('url-guard:bounded', 'is not blamed for how long we take'), async () => {
    const asked = begun((response) => response.write('a'));
    const pieces = (await get('http://files.example/')).body[Symbol.asyncIterator]();
    await pieces.next();
    internet.clock.advance(60_000);
    (await asked).end('b');
    expect(String((await pieces.next()).value)).toBe('b');
    expect((await pieces.next()).done).toBe(true);
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'never ends'), async () => {
    let sent = 0;
    internet.site = (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(10_000))) sent += 10_000;
      };
      response.on('drain', more);
      more();
    };
    const fetched = await get('http://endless.example/');
    expect(await refusalOf(bytesOf(fetched))).toContain('more than 100000 bytes');
    expect(sent).toBeLessThan(20_000_000);
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'announces more than may be: not a byte is read'), async () => {
    internet.site = (_, response) => response.writeHead(200, { 'content-length': 5_000_000_000 }).write('a');
    expect(await refusalOf(get('http://big.example/'))).toContain('more than 100000 bytes');
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'announces more than it sends'), async () => {
    internet.site = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('a,b\n');
      setImmediate(() => response.destroy());
    };
    const fetched = await get('http://lying.example/');
    expect(await refusalOf(bytesOf(fetched))).toContain('broke off before the file was complete');
  });

  test(verifies('url-guard:bounded', 'fault:F48', 'announces less than it sends'), async () => {
    internet.site = (request) => {
      request.socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na,b\n${'x'.repeat(LIMIT * 2)}`);
    };
    const read = await get('http://lying.example/').then(bytesOf, (error: Error) => error);
    expect(read instanceof Refusal || String(read) === 'a,b\n').toBe(true);
    expect(await internet.open()).toBe(0);
  });

  test.each(['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip'])(
    verifies('url-guard:bounded', 'fault:F48', 'sends a bomb in %s'),
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(20_000_000));
      internet.site = (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
      expect(await refusalOf(get('http://bomb.example/'))).toContain('compressed form');
    },
  );

  test.each([
    ['hangs up', ''],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['sends headers without end', `HTTP/1.1 200 OK\r\n${'x: SECRET\r\n'.repeat(20_000)}`],
    ['sends a status of its own', 'HTTP/1.1 999999 SECRET\r\n\r\n'],
  ])(verifies('url-guard:bounded', 'url-guard:quiet', '%s'), async (_, answer) => {
    internet.site = (request) => void request.socket.end(answer);
    expect(await refusalOf(get('http://odd.example/SECRET'))).toContain('could not be fetched');
  });

  test(verifies('url-guard:quiet', 'is not there: the words name no address'), async () => {
    const refusal = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:80'), { code: 'ECONNREFUSED' });
    const connect = () => Promise.reject(refusal);
    const fetching = fetchUrl({ ...internet.parts, connect }, 'http://gone.example/', {
      maxBytes: 1,
      field: 'file_url',
    });
    expect(await refusalOf(fetching)).toContain('could not be fetched');
  });
});
