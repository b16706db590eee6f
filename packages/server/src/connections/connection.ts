import type { TargetName } from './parts.ts';
import type { ConnectionStatus } from './status.ts';

/** Credentials of somebody at a target, without the credentials. Times in ms. */
export interface Connection {
  /** ca_… */
  connectionId: string;
  accountId: number;
  authConfigId: string;
  authConfigEnabled: boolean;
  /** Its auth config is the one its target has by itself. */
  authConfigIsDefault: boolean;
  toolkit: string;
  target: TargetName;
  /** Whose it is, in the words of the application that asked for it. */
  userId: string;
  alias: string | null;
  /** A short name people can read out. */
  wordId: string;
  /** As it is shown: an ACTIVE one that is disabled is INACTIVE. */
  status: ConnectionStatus;
  /** In words for people; null where there is nothing to say. */
  statusReason: string | null;
  enabled: boolean;
  /** Empty until somebody connected. */
  username: string;
  /** Always the same dots, whatever the password. */
  maskedPassword: string;
  /** The account at the target, by name. */
  remoteAccount: string | null;
  createdAt: number;
  updatedAt: number;
  /** When one that waits for somebody is given up. */
  expiresAt: number | null;
  /** When the target last said that its credentials are right. */
  checkedAt: number | null;
  nextCheckAt: number | null;
  lastUsedAt: number | null;
}

export const MASKED_PASSWORD = '••••••••';

/** What a list is narrowed to; absent or null = not by this. Empty arrays match nothing. */
export interface ConnectionFilters {
  userIds?: readonly string[] | null;
  authConfigIds?: readonly string[] | null;
  connectionIds?: readonly string[] | null;
  /** As they are shown. */
  statuses?: readonly ConnectionStatus[] | null;
  toolkits?: readonly string[] | null;
  targets?: readonly TargetName[] | null;
  orderBy?: 'created_at' | 'updated_at';
  direction?: 'asc' | 'desc';
  skip?: number;
  /** At most 1,000, which is all there can be. */
  limit?: number;
}
