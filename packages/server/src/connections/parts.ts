import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Target } from '@veredus/tools/target';
import type { Database } from '../db/db.ts';
import type { Pool } from '../db/transaction.ts';
import type { Credentials, Vault } from './vault.ts';

/** Where a connection acts: this server, or the ClickSend cloud. */
export type TargetName = 'local' | 'cloud';

/** Who wants something of a target, and what. */
export interface Asking {
  /** Whose connection it is: what one account asks for does not keep others waiting. */
  accountId: number;
  /** True = only whether the credentials are right. */
  checks: boolean;
}

/** A target as somebody. */
export type TargetOf = (credentials: Credentials, asking: Asking) => Target;

export interface ConnectionParts {
  /** The engine's connections: what is sealed is the engine's alone. */
  pool: Pool;
  db: Database;
  clock: Clock;
  random: Random;
  vault: Vault;
  targets: Readonly<Record<TargetName, TargetOf>>;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl(): string;
  /** VEREDUS_CONNECT_TARGET. */
  defaultTarget: TargetName;
  /** VEREDUS_CALLBACK_HOSTS: hosts connect pages may return to; `*` = any, over HTTPS. */
  callbackHosts: readonly string[];
  log(event: string, facts: Record<string, unknown>): void;
}

/** How each target is called in words. */
export const TARGET_NAMES: Readonly<Record<TargetName, string>> = {
  local: 'this server',
  cloud: 'the ClickSend cloud',
};

export const TOOLKIT = 'clicksend';
export const TOOLKIT_NAME = 'ClickSend';
