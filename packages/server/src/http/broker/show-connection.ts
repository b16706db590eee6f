import type { Connection } from '../../connections/connection.ts';
import { SCHEME } from './toolkits.ts';

/** A connection as brokers show it. The password is always there, because clients ask for one, and always the same dots. */
export function showConnection(connection: Connection) {
  const data = stateOf(connection);
  return {
    id: connection.connectionId,
    uuid: connection.connectionId,
    word_id: connection.wordId,
    alias: connection.alias,
    user_id: connection.userId,
    status: connection.status,
    status_reason: connection.statusReason,
    is_disabled: !connection.enabled,
    toolkit: { slug: connection.toolkit },
    auth_config: {
      id: connection.authConfigId,
      auth_scheme: SCHEME,
      is_composio_managed: connection.authConfigIsDefault,
      is_disabled: !connection.authConfigEnabled,
    },
    state: { authScheme: SCHEME, val: data },
    data,
    params: {},
    created_at: iso(connection.createdAt),
    updated_at: iso(connection.updatedAt),
    experimental: { account_type: 'PRIVATE' },
    target: connection.target,
  };
}

/** What clients hold to the shape of their scheme. */
export function stateOf({ status, statusReason, username, maskedPassword, updatedAt }: Connection) {
  return {
    status,
    username,
    password: maskedPassword,
    ...(status === 'FAILED' &&
      statusReason !== null && { error: 'connection_failed', error_description: statusReason }),
    ...(status === 'EXPIRED' && { expired_at: iso(updatedAt) }),
  };
}

export const iso = (ms: number): string => new Date(ms).toISOString();
