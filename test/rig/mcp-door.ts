import type { AddressInfo } from 'node:net';
import type { Caller } from '@veredus/server/accounts/caller';
import { openApp } from '@veredus/server/http/app';
import { addMcp, type McpDoorParts } from '@veredus/server/http/mcp';
import { Refusal } from '@veredus/server/refusal';
import { systemClock } from '@veredus/server/system';
import { actions } from '@veredus/tools/catalogue';
import type { ToolAnswer, ToolCall, ToolHost } from '@veredus/tools/host';
import { succeeded } from '@veredus/tools/result';

export const DOOR_KEY = 'a-key-of-an-agent-0123456789';

/** The MCP door by itself, on a port of its own, before a host that notes what it is asked to run. */
export interface McpDoor {
  readonly url: string;
  readonly calls: ToolCall[];
  readonly logged: unknown[];
  /** How many clients hung up before their answer was out. */
  hungUp(): number;
  close(): Promise<void>;
}

export async function openMcpDoor(host: Partial<ToolHost> = {}, parts: Partial<McpDoorParts> = {}): Promise<McpDoor> {
  const calls: ToolCall[] = [];
  const logged: unknown[] = [];
  const log = (event: string, facts: Record<string, unknown>) => void logged.push({ event, ...facts });
  let serial = 0;
  let url = 'http://127.0.0.1';
  const app = openApp({ newId: () => `request-${++serial}`, trustProxy: [], log });
  const pretended: ToolHost = {
    actions: () => actions,
    ownAccount: true,
    connections: async () => [],
    run: async (): Promise<ToolAnswer> => ({ ...succeeded({ http_code: 200 }), logId: 'log_1', replayed: false }),
    ...host,
  };
  const whole: ToolHost = {
    ...pretended,
    run(call) {
      calls.push(call);
      return pretended.run(call);
    },
  };
  let hungUp = 0;
  app.addHook('onRequest', async (_request, { raw }) => {
    raw.once('close', () => {
      if (!raw.writableFinished) hungUp += 1;
    });
  });
  addMcp(app, {
    async admit({ headers }) {
      const key = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
      if (key === undefined) throw new Refusal('missing-credentials', 'Send a key.');
      if (key !== DOOR_KEY) throw new Refusal('invalid-credentials', 'This API key is not valid.');
      return { keyId: 1, userId: 1 } as Caller;
    },
    hostOf: async () => whole,
    clock: systemClock,
    publicUrl: () => url,
    boundTo: '127.0.0.1',
    version: '0.1.0',
    log,
    ...parts,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return { url, calls, logged, hungUp: () => hungUp, close: () => app.close() };
}
