import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Address, OutboundParts, Target } from '@veredus/server/outbound/parts';
import { Refusal } from '@veredus/server/refusal';
import { expect } from 'vitest';
import { type HandClock, handClock } from './hand-clock.ts';

type Site = (request: IncomingMessage, response: ServerResponse) => void;

/** An internet that ends in this process: names and addresses are made up, and every connection goes to one server here. */
export interface PretendInternet {
  readonly parts: OutboundParts;
  readonly clock: HandClock;
  /** Names, each with the answers of its lookups in order; the last one stays. */
  readonly names: Map<string, Address[][]>;
  /** What was looked up, in order. */
  readonly lookups: string[];
  /** Where connections went, in order. */
  readonly connections: Target[];
  /** Connections that are still open, seen from the server. */
  open(): Promise<number>;
  /** What answers, whatever the host. */
  site: Site;
  close(): Promise<void>;
}

export const PUBLIC_ADDRESS: Address = { address: '93.184.216.34', family: 4 };

export async function pretendInternet(allow: OutboundParts['allow'] = []): Promise<PretendInternet> {
  const clock = handClock();
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => internet.site(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const parts: OutboundParts = {
    clock,
    allow,
    async resolve(host) {
      internet.lookups.push(host);
      const answers = internet.names.get(host) ?? [[PUBLIC_ADDRESS]];
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    },
    async connect(target) {
      internet.connections.push(target);
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      await once(socket, 'connect');
      return socket;
    },
  };
  const internet: PretendInternet = {
    parts,
    clock,
    names: new Map(),
    lookups: [],
    connections: [],
    site: (_request, response) => response.end(),
    async open() {
      const closing = [...sockets].filter((socket) => socket.destroyed);
      await Promise.all(closing.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
      return sockets.size;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return internet;
}

export async function bytesOf({ body }: { body: AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * The words of a fetch that was refused. Whatever went wrong is told as the fault of the field file_url, without a word of
 * the path, the query (where tests write SECRET) or an address; and nothing stays open.
 */
export async function refusalOfFetch(internet: PretendInternet, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => expect.fail('was let through'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ kind: 'bad-request', fields: { file_url: error.message } });
  expect(error.message).not.toMatch(/SECRET|127\.0\.0\.1|10\.0\.0\.5/);
  expect(await internet.open()).toBe(0);
  return error.message;
}
