import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** The next answer to a request whose first line holds this is thrown away, and both its sockets are cut. */
  cutAnswerTo(path: string): void;
  /** How many answers were cut. */
  cuts(): number;
  close(): Promise<void>;
}

/** Stands between a client and a server, and loses an answer that the server has given. */
export async function cuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let wanted: string | null = null;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let doomed = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (wanted !== null && bytes.toString('latin1').split('\r\n')[0]!.includes(wanted))
        [wanted, doomed] = [null, true];
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!doomed) return void client.write(bytes);
      cuts += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAnswerTo: (path) => {
      wanted = path;
    },
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
