import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answered, RunningServer } from './server.ts';

/** An application that asks people to connect: by the broker API, with a callback of its own. */
export interface ConnectApp {
  /** What browsers called of the callback, oldest first: path and query. */
  readonly called: string[];
  readonly callbackUrl: string;
  /** As an application whose API and pages lie on two hosts: what calls it is sent on. */
  readonly chainedUrl: string;
  /** A link to connect; `callback` null = none. */
  link(callback?: string | null): Promise<{ url: string; connectionId: string }>;
  /** The connection as the application sees it. */
  connection(id: string): Promise<Answered>;
  close(): Promise<void>;
}

export async function openConnectApp(server: RunningServer): Promise<ConnectApp> {
  const called: string[] = [];
  const listen = async (answer: (url: string) => { status: number; location?: string }) => {
    const http = createServer((request, response) => {
      if (request.url === '/favicon.ico') return response.writeHead(404).end();
      called.push(request.url ?? '');
      const { status, location } = answer(request.url ?? '');
      return response
        .writeHead(status, { 'content-type': 'text/html', ...(location && { location }) })
        .end('<!doctype html><title>App</title><h1>Back in the app</h1>');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return { http, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
  };
  const pages = await listen(() => ({ status: 200 }));
  const api = await listen((url) => ({ status: 302, location: `${pages.origin}/pages${url}` }));
  const broker = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const answer = await fetch(`${server.url}/api/v3${path}`, {
      method,
      headers: { 'x-api-key': server.credentials.broker_key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  const { auth_config } = await broker('POST', '/auth_configs', { toolkit: { slug: 'clicksend' } });
  let people = 0;
  return {
    called,
    callbackUrl: `${pages.origin}/back?keep=a%20b`,
    chainedUrl: `${api.origin}/callback`,
    async link(callback = null) {
      const wish = { auth_config_id: auth_config.id, user_id: `person-${++people}` };
      const answer = await broker('POST', '/connected_accounts/link', {
        ...wish,
        ...(callback !== null && { callback_url: callback }),
      });
      return { url: answer.redirect_url, connectionId: answer.connected_account_id };
    },
    connection: (id) => broker('GET', `/connected_accounts/${id}`),
    async close() {
      for (const { http } of [pages, api]) {
        http.closeAllConnections();
        await new Promise((resolve) => http.close(resolve));
      }
    },
  };
}
