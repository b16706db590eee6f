import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type PretendInternet, pretendInternet } from '../../../../test/rig/pretend-internet.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { type Push, postUrl } from './post-url.ts';

let internet: PretendInternet;
beforeEach(async () => {
  internet = await pretendInternet();
});
afterEach(() => internet.close());

const BODY = 'a=1&b=%C3%BC';
const push = (url: string, change: Partial<Push> = {}): Push => ({
  url,
  method: 'POST',
  query: '',
  headers: { 'content-type': 'text/plain', 'x-a': 'b' },
  body: BODY,
  ...change,
});
const post = (url = 'http://hooks.example/in', change?: Partial<Push>) => postUrl(internet.parts, push(url, change));

describe('a push', () => {
  test(verifies('webhooks:log', 'is told exactly as it stood on the wire'), async () => {
    const seen: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (bytes) => {
        seen.push(bytes);
        if (Buffer.concat(seen).includes(BODY) || String(bytes).startsWith('GET'))
          socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nfine');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connect = async () => {
      const socket = (await import('node:net')).connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket as Socket;
    };
    const parts = { ...internet.parts, connect, allow: [{ host: 'hooks.example', port: 8080 }] };
    const body = `${BODY} ü€ "quoted" \\`;
    const posted = await postUrl(parts, push('http://hooks.example:8080/a/b?c=d', { body }));
    expect(posted.request).toBe(String(Buffer.concat(seen)));
    expect(posted).toMatchObject({ status: 200, fault: null, retryAfter: null });
    expect(posted.answer).toBe('HTTP/1.1 200\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nfine');
    seen.length = 0;
    const got = await postUrl(
      parts,
      push('http://hooks.example:8080/?c=d', { method: 'GET', query: 'e=%2B', body: '' }),
    );
    expect(got.request).toBe(String(Buffer.concat(seen)));
    expect(got.request).toMatch(/^GET \/\?c=d&e=%2B HTTP\/1\.1\r\n/);
    server.close();
  });

  test(verifies('webhooks:log', 'is kept to 4 kB, and no character is cut in two'), async () => {
    let arrived = 0;
    internet.site = async (request, response) => {
      for await (const piece of request) arrived += (piece as Buffer).length;
      response.end('ok');
    };
    const { request } = await post('http://hooks.example/', { body: 'ü'.repeat(100_000) });
    expect(arrived).toBe(200_000);
    expect(Buffer.byteLength(request)).toBeGreaterThan(4_090);
    expect(Buffer.byteLength(request)).toBeLessThanOrEqual(4_096);
    expect(request).toMatch(/^POST [\s\S]*\r\n\r\nü+$/);
  });

  test('goes to the address its terms are added to', async () => {
    const paths: (string | undefined)[] = [];
    internet.site = (request, response) => {
      paths.push(request.url);
      response.end();
    };
    await post('http://hooks.example', { method: 'GET', query: 'a=1', body: '' });
    await post('http://hooks.example/x?k=v', { method: 'GET', query: 'a=1', body: '' });
    expect(paths).toEqual(['/?a=1', '/x?k=v&a=1']);
    expect(await internet.open()).toBe(0);
  });

  test.each([200, 204, 299, 400, 410, 500, 503])('answered %i is told so', async (status) => {
    internet.site = (_, response) => response.writeHead(status, { 'retry-after': '7' }).end();
    expect(await post()).toMatchObject({ status, retryAfter: '7', fault: null });
    expect(await internet.open()).toBe(0);
  });

  test('that is refused or cut is a value', async () => {
    internet.site = (request) => request.socket.destroy();
    expect(await post()).toMatchObject({ status: null, answer: null, fault: expect.stringContaining('broke off') });
    const gone = {
      ...internet.parts,
      connect: async () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
    };
    expect((await postUrl(gone, push('http://hooks.example/'))).fault).toBe('The address refuses connections.');
    internet.site = (request) => request.socket.end('not HTTP at all\r\n\r\n');
    expect((await post()).fault).toContain('not HTTP');
    internet.site = (request) => request.socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`);
    expect((await post()).fault).toContain('not HTTP');
  });

  test.each(['http://127.0.0.1/SECRET', 'http://[::1]/', 'http://hooks.example:22/', 'ftp://a.example/', 'nonsense'])(
    verifies('webhooks:guarded', 'to %s is refused before a byte leaves'),
    async (url) => {
      const pushed = await post(url);
      expect(pushed).toMatchObject({ request: '', status: null, fault: expect.stringMatching(/^The address /) });
      expect(pushed.fault).not.toMatch(/SECRET|127\.0\.0\.1/);
      expect(internet.connections).toEqual([]);
    },
  );

  test(verifies('webhooks:guarded', 'to a name that has moved inside is refused'), async () => {
    internet.names.set('hooks.example', [
      [{ address: '93.184.216.34', family: 4 }],
      [{ address: '10.0.0.5', family: 4 }],
    ]);
    expect((await post()).status).toBe(200);
    expect((await post()).fault).toContain('not on the public internet');
    expect(internet.connections.length).toBe(1);
  });
});

describe(verifies('fault:F29', 'a redirect'), () => {
  test.each([301, 302, 303, 307, 308])('%i to the metadata service is an answer and not followed', async (status) => {
    internet.site = (_, response) => response.writeHead(status, { location: 'http://169.254.169.254/latest/' }).end();
    expect(await post()).toMatchObject({ status, fault: null });
    expect(internet.connections.length).toBe(1);
    expect(internet.lookups).toEqual(['hooks.example']);
  });
});

describe(verifies('fault:F30', 'an answer'), () => {
  test('that does not end is cut at 64 kB', async () => {
    let written = 0;
    internet.site = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384;
      };
      response.on('drain', more);
      more();
    };
    const pushed = await post();
    expect(pushed).toMatchObject({ status: 200, fault: null });
    expect(pushed.answer).toHaveLength(4_096);
    expect(bodyOf(pushed.answer)).toMatch(/^x+$/);
    expect(await internet.open()).toBe(0);
    // What filled the sockets' buffers was never read; a gigabyte would have been.
    expect(written).toBeLessThan(16 * 1_048_576);
  });

  test('that announces a gigabyte is cut as well', async () => {
    internet.site = (_, response) => {
      response.writeHead(500, { 'content-length': String(1_073_741_824) });
      response.write('y'.repeat(100_000));
    };
    const pushed = await post();
    expect(pushed).toMatchObject({ status: 500, fault: null });
    expect(pushed.answer).toHaveLength(4_096);
    expect(bodyOf(pushed.answer)).toMatch(/^y+$/);
    expect(await internet.open()).toBe(0);
  });

  test('that is a gzip bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1_048_576));
    internet.site = (request, response) => {
      expect(request.headers['accept-encoding']).toBeUndefined();
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    };
    const pushed = await post();
    expect(pushed.status).toBe(200);
    expect(bodyOf(pushed.answer)).toBe('(compressed, which was not asked for: not read)');
  });

  test.each(['nothing', 'half a head', 'a drop now and then'])('of %s is waited for 15 seconds', async (kind) => {
    const sockets: Socket[] = [];
    internet.site = (request, response) => {
      sockets.push(request.socket);
      if (kind === 'half a head') request.socket.write('HTTP/1.1 200 OK\r\nx-a: ');
      if (kind.startsWith('a drop')) response.write('x');
    };
    const pushing = post();
    await eventually(async () => sockets.length === 1);
    // Time passes in drops, and what a drop brings is read before the next.
    for (let second = 0; second < 16; second++) {
      if (kind.startsWith('a drop')) sockets[0]!.write('1\r\nx\r\n');
      await new Promise((resolve) => setImmediate(resolve));
      internet.clock.advance(1_000);
    }
    const pushed = await pushing;
    if (kind.startsWith('a drop')) expect(pushed).toMatchObject({ status: 200, fault: null });
    else expect(pushed).toMatchObject({ status: null, fault: 'No answer: it took longer than 15 seconds in all.' });
    expect(await internet.open()).toBe(0);
  });
});

const bodyOf = (answer: string | null) => answer?.split('\r\n\r\n')[1];
