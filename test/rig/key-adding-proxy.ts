import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KeyAddingProxy {
  readonly url: string;
  /** Hangs up on the next POST when its answer begins, as a network does that fails at the worst moment. */
  cutNext(): void;
  close(): Promise<void>;
}

/** For tools that cannot send a key: adds it, and changes nothing else. Host and Origin arrive as they were sent. */
export async function keyAddingProxy(target: string, key: string): Promise<KeyAddingProxy> {
  const { port, hostname } = new URL(target);
  let cut = false;
  const server = createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${key}` };
    const { method, url } = request;
    const passed = ask({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      if (cut && method === 'POST') {
        cut = false;
        return void response.destroy();
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutNext() {
      cut = true;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
