import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { ToolAnswer, ToolHost } from '@veredus/tools/host';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import { type Caller, mayRunActions, NOT_FOR_AGENTS } from '../accounts/caller.ts';
import { actorOf } from '../agents/act-as.ts';
import type { Actor } from '../agents/actor.ts';
import { FORGET_LIMIT, forgetExecutions } from '../agents/forget.ts';
import { ABANDONED_MS } from '../agents/once.ts';
import { placeFor } from '../agents/place.ts';
import { actionRunner, type RunAction } from '../agents/run-action.ts';
import { endAbandoned } from '../agents/store-executions.ts';
import { toolHost } from '../agents/tool-host.ts';
import type { Config } from '../config.ts';
import { listConnections } from '../connections/connections.ts';
import { localTarget } from '../connections/local-target.ts';
import { noteUse } from '../connections/note-use.ts';
import { type ConnectionAsk, openConnection } from '../connections/open-connection.ts';
import { type ConnectionParts, TARGET_NAMES } from '../connections/parts.ts';
import { connectionTasks } from '../connections/recheck.ts';
import { openVault } from '../connections/vault.ts';
import type { Database } from '../db/db.ts';
import type { Pool } from '../db/transaction.ts';
import { cloudClient } from '../outbound/cloud-client.ts';
import type { Task } from '../periodic.ts';
import { Refusal } from '../refusal.ts';

/** Connections that the description of a tool names, the newest first. */
const MOST_NAMED = 50;

interface AgentParts {
  config: Config;
  db: Database;
  clock: Clock;
  random: Random;
  newId: () => string;
  secretKey: Buffer;
  authentication: Authentication;
  /** Known once all of them are made. */
  handlers: () => Handlers;
  publicUrl(): string;
  log(event: string, facts: Record<string, unknown>): void;
}

/** What agents, projects and the people who connect for them need of the server. */
export interface Agents {
  connections: ConnectionParts;
  runAction: RunAction;
  actorOf(caller: Caller): Promise<Actor>;
  hostOf(caller: Caller, depth: number): Promise<ToolHost>;
  /** For the holder of a key, in process. */
  run(key: string, slug: string, args: unknown): Promise<ToolAnswer>;
  /** What a node that works does again and again. */
  tasks: Task[];
  close(): void;
}

/** Wires runs of actions over connections. */
export function openAgents(parts: AgentParts): Agents {
  const { config, db, clock, random, newId, authentication, handlers, publicUrl, log } = parts;
  const pool = db.enginePool;
  const cloud = cloudClient({ origin: config.cloudUrl, clock });
  const connections: ConnectionParts = {
    pool,
    db,
    clock,
    random,
    vault: openVault({ secretKey: parts.secretKey, random }),
    targets: { local: localTarget({ authentication, handlers }), cloud: cloud.as },
    publicUrl,
    defaultTarget: config.connectTarget,
    callbackHosts: config.callbackHosts,
    log,
  };
  const open = (accountId: number, ask: ConnectionAsk) => openConnection(connections, accountId, ask);
  const runAction = actionRunner({
    pool,
    clock,
    newId,
    place: (actor, action, wish) => placeFor({ handlers: handlers(), open }, actor, action, wish),
    noteUse: (connectionId, outcome) => noteUse(connections, connectionId, outcome),
    log,
  });
  const connectionsOf = async (accountId: number, among: readonly string[] | null) => {
    const filters = { statuses: ['ACTIVE'] as const, connectionIds: among, limit: MOST_NAMED };
    const { rows } = await listConnections(connections, accountId, filters);
    // Models read them in the description of a tool: nothing a stranger wrote stands in them.
    return rows.map(({ connectionId, wordId, target }) => ({
      id: connectionId,
      label: `${wordId} at ${TARGET_NAMES[target]}`,
    }));
  };
  return {
    connections,
    runAction,
    actorOf: (caller) => actorOf({ pool }, caller),
    hostOf: async (caller, depth) => {
      const actor = await actorOf({ pool }, caller);
      return toolHost({ runAction, handlers: handlers(), connectionsOf }, actor, { face: 'mcp', depth });
    },
    async run(key, slug, args) {
      const caller = await authentication.authenticateKey(key, 'in process');
      if (caller instanceof Refusal) throw caller;
      if (!mayRunActions(caller)) throw new Refusal('forbidden', NOT_FOR_AGENTS);
      const connection = { connectionId: null, userId: null, needed: false };
      const once = { idempotencyKey: null, repetition: false, runId: null };
      const actor = await actorOf({ pool }, caller);
      return runAction(actor, { slug, arguments: args, face: 'direct', connection, ...once });
    },
    tasks: [...connectionTasks(connections), ...executionTasks(pool, clock)],
    close: () => cloud.close(),
  };
}

function executionTasks(pool: Pool, clock: Clock): Task[] {
  return [
    { name: 'end abandoned executions', everyMs: 10_000, run: () => endAbandoned(pool, clock.now() - ABANDONED_MS) },
    {
      name: 'forget old executions',
      everyMs: 600_000,
      full: FORGET_LIMIT,
      run: () => forgetExecutions(pool, clock.now()),
    },
  ];
}
