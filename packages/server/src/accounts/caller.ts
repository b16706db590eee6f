import { type Scope, scopes } from '@veredus/contract/scopes';

/** The settings of an account that accepting a message needs, so that the hot path reads no row for them. */
export interface Account {
  accountId: number;
  name: string;
  /** ISO alpha-2: the country of recipients in local form that name none. */
  country: string;
  /** ISO 4217. */
  currency: string;
  timezone: string;
  active: boolean;
  banned: boolean;
  /** Prepaid accounts cannot go below zero. */
  prepaid: boolean;
  /** How far a post-paid account may go below zero; null = no limit. */
  creditLimitMicro: number | null;
  lowCreditMicro: number;
  /** The most parts a text may have. */
  maxParts: number;
  truncateLong: boolean;
  /** Empty = the carrier's shared number. */
  defaultSender: string;
  anySenderNumber: boolean;
  /** The same text to the same recipient within this time is refused; 0 = never. */
  throttleMs: number;
  /** The most recipients one campaign may have. */
  campaignRecipients: number;
  /** What becomes of a campaign whose text offers no way out. */
  campaignOptOut: 'off' | 'warn' | 'require';
}

/** Who asks, as every use case takes it. On ClickSend's wire `user_id` is our accountId and `subaccount_id` our userId. */
export interface Caller {
  accountId: number;
  userId: number;
  username: string;
  /** Permissions; `*` = all the user has. */
  scopes: readonly string[];
  via: 'key' | 'password';
  /** Null where the password was used. */
  keyId: number | null;
  /** Whose key it is: it opens the doors of agents and nothing else. Absent or null = no agent's. */
  agentId?: number | null;
  account: Account;
}

/** What opens the doors for agents; the calls behind them still ask for their own permission. */
export const doorScopes = {
  'agent:use': 'Speak MCP.',
  'broker:use': 'Speak the tool broker’s API: connections and tool calls.',
} as const;

export type Permission = Scope | keyof typeof doorScopes;

/** Every permission a key can be given, `*` apart. */
export const permissions = [...Object.keys(scopes), ...Object.keys(doorScopes)] as Permission[];

/** Whether the caller's key holds this permission. A password holds all. */
export function may(caller: Pick<Caller, 'scopes'>, permission: Permission): boolean {
  return caller.scopes.includes('*') || caller.scopes.includes(permission);
}

/** Whether the caller's key opens the doors of agents and brokers. */
export function mayRunActions(caller: Pick<Caller, 'scopes'>): boolean {
  return may(caller, 'agent:use') || may(caller, 'broker:use');
}

export const NOT_FOR_AGENTS = 'This key is not for agents: it holds neither agent:use nor broker:use.';
