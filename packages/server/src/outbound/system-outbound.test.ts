import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { selfSigned } from '../../../../test/rig/self-signed.ts';
import { systemClock } from '../system.ts';
import { fetchUrl } from './fetch-url.ts';
import { systemOutbound } from './system-outbound.ts';

/** Nothing here leaves the machine: only loopback is allowed, and only by its name or address with its port. */
const outboundTo = (host: string, port: number) => systemOutbound({ allow: [{ host, port }] }, systemClock);
const limits = { maxBytes: 1_000, field: 'file_url' };

test.each(['127.0.0.1', 'localhost'])(verifies('url-guard:allowed', 'a file comes from %s'), async (host) => {
  const server = createServer((request, response) => response.end(`to ${request.headers.host}`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const { body } = await fetchUrl(outboundTo(host, port), `http://${host}:${port}/`, limits);
    let text = '';
    for await (const piece of body) text += Buffer.from(piece).toString();
    expect(text).toBe(`to ${host}:${port}`);
    // The same server under its other name is nobody the operator named.
    const other = host === 'localhost' ? '127.0.0.1' : 'localhost';
    await expect(fetchUrl(outboundTo(host, port), `http://${other}:${port}/`, limits)).rejects.toThrow('port');
  } finally {
    server.close();
  }
});

test(
  verifies('url-guard:pinned', 'TLS asks for the host by its name, and a certificate nobody vouches for is refused'),
  async () => {
    const asked: string[] = [];
    const server = createTlsServer({
      ...selfSigned(),
      SNICallback(name, done) {
        asked.push(name);
        done(null);
      },
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const parts = {
      ...outboundTo('files.example', port),
      resolve: async () => [{ address: '127.0.0.1', family: 4 as const }],
    };
    try {
      await expect(fetchUrl(parts, `https://files.example:${port}/`, limits)).rejects.toThrow(
        'certificate is not valid',
      );
      expect(asked).toEqual(['files.example']);
    } finally {
      server.close();
    }
  },
);

test(verifies('url-guard:bounded', 'nobody listening is told at once'), async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const fetching = fetchUrl(outboundTo('127.0.0.1', port), `http://127.0.0.1:${port}/`, limits);
  await expect(fetching).rejects.toThrow('could not be fetched');
});

test(verifies('url-guard:allowed', "only the operator's names are looked up as the machine does"), async () => {
  const asked: string[] = [];
  const nameServer = createSocket('udp4', (query, { port, address }) => {
    asked.push(query.toString('latin1', 13, 13 + query[12]!));
    // No such name.
    query.set([0x81, 0x83], 2);
    nameServer.send(query, port, address);
  });
  nameServer.bind(0, '127.0.0.1');
  await once(nameServer, 'listening');
  const servers = [`127.0.0.1:${nameServer.address().port}`];
  try {
    const { resolve } = systemOutbound({ allow: [{ host: 'LOCALHOST', port: 8080 }] }, systemClock, servers);
    expect((await resolve('localhost')).length).toBeGreaterThan(0);
    expect(asked).toEqual([]);
    expect(await resolve('stranger.example')).toEqual([]);
    expect(asked).toEqual(['stranger', 'stranger']);
  } finally {
    nameServer.close();
  }
});
