import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where to stop the traffic: what the client says next that holds `words`, or the database's answer to it. */
export interface Trap {
  readonly words: string;
  /** Only on a connection that has said this since the trap was set. */
  readonly after?: string;
  readonly hold: 'request' | 'answer';
}

export interface PostgresProxy {
  /** As the given connection string, through the proxy. */
  readonly url: string;
  /** Sets a trap. The answer resolves when something is caught in it, which then stays there. */
  set(trap: Trap): Promise<void>;
  /** Cuts every connection, and with it whatever is held. */
  cut(): void;
  /** While true, nobody gets through any more. */
  down: boolean;
  close(): Promise<void>;
}

/** A wire between a server and its PostgreSQL that can be held at one statement. */
export async function openPostgresProxy(target: string): Promise<PostgresProxy> {
  const goal = new URL(target);
  // The embedded server is reached through a socket in its folder.
  const folder = goal.searchParams.get('host');
  const reach = () =>
    folder === null ? connect(Number(goal.port), goal.hostname) : connect(`${folder}/.s.PGSQL.${goal.port}`);
  const sockets = new Set<Socket>();
  let trap: (Trap & { caught(): void; armed: Set<Socket> }) | null = null;

  const server = createServer((client) => {
    if (proxy.down) return void client.destroy();
    const database = reach();
    let held = false;
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      const fits = trap !== null && (trap.after === undefined || trap.armed.has(client)) && chunk.includes(trap.words);
      if (trap?.after !== undefined && chunk.includes(trap.after)) trap.armed.add(client);
      if (fits && trap) {
        held = true;
        const { hold, caught } = trap;
        trap = null;
        if (hold === 'request') return caught();
        database.once('data', caught);
      }
      database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (!held) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: PostgresProxy = {
    url: url.href,
    down: false,
    set: (wanted) =>
      new Promise((caught) => {
        trap = { ...wanted, armed: new Set(), caught: () => caught() };
      }),
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
