import type { Caller } from '../accounts/caller.ts';

/** A program with a name and a key of its own. */
export interface Agent {
  agentId: number;
  accountId: number;
  /** In whose name it writes. */
  userId: number;
  name: string;
  description: string;
  /** Slugs, upper case; null = every action. */
  allowedActions: readonly string[] | null;
  /** Whether it may act as the account it belongs to, on this server, without a connection. */
  ownAccount: boolean;
  /** Ids of connections; null = every one of the account. */
  allowedConnections: readonly string[] | null;
  createdAt: number;
  updatedAt: number;
  disabledAt: number | null;
}

/** Who runs actions: an agent, or (null) a project, whose key's permissions say what it may do. */
export interface Actor {
  caller: Caller;
  agent: Agent | null;
}
