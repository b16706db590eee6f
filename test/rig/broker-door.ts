import { callerFor } from '@veredus/server/accounts/act-for';
import type { Authentication } from '@veredus/server/accounts/authenticate';
import type { Caller } from '@veredus/server/accounts/caller';
import { allowedActions } from '@veredus/server/agents/act-as';
import type { Actor, Agent } from '@veredus/server/agents/actor';
import type { RunAction, RunRequest } from '@veredus/server/agents/run-action';
import type { ConnectionParts } from '@veredus/server/connections/parts';
import { openVault } from '@veredus/server/connections/vault';
import { openApp } from '@veredus/server/http/app';
import { addBroker } from '@veredus/server/http/broker/broker';
import { Refusal } from '@veredus/server/refusal';
import { systemRandom } from '@veredus/server/system';
import type { ToolAnswer } from '@veredus/tools/host';
import type { Target } from '@veredus/tools/target';
import type { TestDatabase } from './database.ts';
import { type HandClock, handClock } from './hand-clock.ts';
import { addAccount } from './stored-messages.ts';

export const RIGHT = { username: 'ana@example.com', password: 'right-secret-9f3a' };

type Json = Record<string, unknown>;

export interface BrokerDoor {
  /** A call under a prefix, with the key of somebody who was added. */
  call(method: string, path: string, more?: CallMore): Promise<Answer>;
  /** Adds a key; answers its caller. */
  add(key: string, scopes: readonly string[], agent?: Partial<Agent> | null, like?: string): Promise<Caller>;
  /** What the runner was asked. */
  readonly runs: RunRequest[];
  /** How it answers next. */
  answer: (request: RunRequest) => ToolAnswer | Promise<ToolAnswer>;
  readonly connections: ConnectionParts;
  readonly clock: HandClock;
  readonly logged: string[];
  /** Opens a port of its own, for what cannot be seen without sockets. Answers where. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface CallMore {
  key?: string | null;
  prefix?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
}

/** The broker's door over a database, with a runner and a target of the test's own. */
export async function openBrokerDoor({ db }: TestDatabase): Promise<BrokerDoor> {
  const logged: string[] = [];
  const log = (event: string, facts: object) => void logged.push(`${event} ${JSON.stringify(facts)}`);
  const actors = new Map<string, Actor>();
  const runs: RunRequest[] = [];
  const clock = handClock();
  const connections = connectionParts(db, clock, log);
  const app = openApp({ newId: () => 'r1', trustProxy: [], log });
  const runAction: RunAction = async (_actor, request) => {
    runs.push(request);
    return door.answer(request);
  };
  const authentication = {
    authenticateKey: (key: string | undefined) =>
      key === undefined
        ? new Refusal('missing-credentials', 'No key.')
        : (actors.get(key)?.caller ?? new Refusal('invalid-credentials', 'Wrong key.')),
  } as unknown as Authentication;
  const actorOf = async (caller: Caller) => [...actors.values()].find((actor) => actor.caller === caller)!;
  addBroker(app, {
    authentication,
    actorOf,
    allowedActions,
    runAction,
    connections,
    publicUrl: connections.publicUrl,
    log,
  });

  const door: BrokerDoor = {
    runs,
    logged,
    connections,
    clock,
    answer: () => ({ data: { http_code: 200 }, error: null, successful: true, logId: 'log_1', replayed: false }),
    async add(key, scopes, agent = null, like) {
      const who = like ? actors.get(like)!.caller : await addAccount(db, `${key} ${Math.random()}`);
      const caller = { ...(await callerFor(db.enginePool, who))!, scopes, via: 'key' as const, keyId: 1 };
      actors.set(key, { caller, agent: agent && agentOf(caller, agent) });
      return caller;
    },
    async call(method, path, { key = 'project', prefix = '/api/v3.1', body, headers = {} } = {}) {
      const raw = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
      const response = await app.inject({
        method: method as 'GET',
        url: `${prefix}${path}`,
        headers: { ...(key && { 'x-api-key': key }), 'content-type': 'application/json', ...headers },
        ...(raw !== undefined && { payload: raw }),
      });
      return { status: response.statusCode, headers: response.headers, body: JSON.parse(response.body) as Json };
    },
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
    async close() {
      const closed = app.close();
      // Clients keep theirs for the next request.
      app.server.closeAllConnections();
      await closed;
    },
  };
  return door;
}

function agentOf({ accountId, userId }: Caller, wish: Partial<Agent>): Agent {
  return {
    ...{ agentId: 1, accountId, userId, name: 'a', description: '', allowedActions: null, ownAccount: true },
    ...{ allowedConnections: null, createdAt: 0, updatedAt: 0, disabledAt: null },
    ...wish,
  };
}

function connectionParts(db: TestDatabase['db'], clock: HandClock, log: ConnectionParts['log']): ConnectionParts {
  const target = ({ password }: { password: string }): Target => ({
    call: async () =>
      password === RIGHT.password
        ? { kind: 'answer', status: 200, envelope: { data: { account_name: 'Ana & Co' } }, replayed: false }
        : { kind: 'answer', status: 401, envelope: { response_msg: 'No.' }, replayed: false },
  });
  return {
    ...{ pool: db.enginePool, db, clock, random: systemRandom, log },
    vault: openVault({ secretKey: Buffer.alloc(32, 7), random: systemRandom }),
    targets: { local: target, cloud: target },
    publicUrl: () => 'http://veredus.test',
    defaultTarget: 'local',
    callbackHosts: ['app.example.com'],
  };
}
