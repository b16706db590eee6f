import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What we use of the npm `smpp` library, an independent codec and session. It brings no types. */
export interface LibraryPdu {
  command: string;
  command_status: number;
  sequence_number: number;
  [field: string]: unknown;
  toBuffer(): Buffer;
  response(fields?: Record<string, unknown>): LibraryPdu;
}

export interface LibrarySession extends EventEmitter {
  socket: Socket;
  send(pdu: LibraryPdu): boolean;
  submit_sm(fields: Record<string, unknown>, answered: (pdu: LibraryPdu) => void): boolean;
  deliver_sm(fields: Record<string, unknown>, answered: (pdu: LibraryPdu) => void): boolean;
  bind_transceiver(fields: Record<string, unknown>, answered: (pdu: LibraryPdu) => void): boolean;
  enquire_link(answered: (pdu: LibraryPdu) => void): boolean;
  unbind(answered: (pdu: LibraryPdu) => void): boolean;
}

interface Library {
  PDU: { new (command: string, fields: Record<string, unknown>): LibraryPdu; fromBuffer(bytes: Buffer): LibraryPdu };
  Session: new (options: { socket: Socket }) => LibrarySession;
  createServer(listener: (session: LibrarySession) => void): Server;
}

export const library: Library = createRequire(import.meta.url)('smpp') as Library;

/** A session of the library over a socket; without Nagle, which it forgets (a delivery waits 40 ms for it otherwise). */
export function librarySession(socket: Socket): LibrarySession {
  socket.setNoDelay(true);
  const session = new library.Session({ socket });
  session.on('error', () => {});
  return session;
}

/** Listens on any free port of the loopback; each socket goes to `take`. */
export async function listen(take: (socket: Socket) => void): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
