import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Customers' servers in a process of their own: one that answers at once, one that never does, and a port where nobody listens.
 * Tells its ports when it is ready, and to each message how late what came since the last one was, in ms.
 */

export interface Ports {
  good: number;
  silent: number;
  refusing: number;
}

let delays: number[] = [];

const good = createServer((request, response) => {
  const occurred = Number(request.headers['veredus-occurred-at'] ?? Number.NaN);
  delays.push(Date.now() - occurred);
  request.resume().once('end', () => response.end('ok'));
});
const silent = createServer((request) => void request.resume());
const refusing = createServer();

const portOf = async (server: typeof good): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const ports: Ports = { good: await portOf(good), silent: await portOf(silent), refusing: await portOf(refusing) };
refusing.close();
process.on('message', () => {
  process.send!(delays);
  delays = [];
});
process.once('disconnect', () => process.exit());
process.send!(ports);
