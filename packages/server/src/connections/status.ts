/** The states of a connection, as brokers know them. */
export const CONNECTION_STATUSES = [
  'INITIALIZING',
  'INITIATED',
  'ACTIVE',
  'FAILED',
  'EXPIRED',
  'INACTIVE',
  'REVOKED',
] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/**
 * What may become of a connection:
 *
 * - INITIALIZING: there are credentials, and nobody at the target yet who could say whether they are right.
 * - INITIATED: somebody is to connect by a link.
 * - ACTIVE: the target said that the credentials are right.
 * - FAILED: it never was ACTIVE since somebody last tried to connect: wrong credentials, or nobody at the target for an hour.
 * - EXPIRED: its credentials are right no more, or its link was not used in time.
 * - INACTIVE: never stored; it is how an ACTIVE one is shown while it is disabled, which is a flag of its own.
 * - REVOKED: its credentials were erased. Only new ones bring it back.
 */
const MOVES: Readonly<Record<ConnectionStatus, readonly ConnectionStatus[]>> = {
  INITIALIZING: ['ACTIVE', 'FAILED', 'INITIATED', 'REVOKED'],
  INITIATED: ['ACTIVE', 'FAILED', 'EXPIRED', 'REVOKED'],
  ACTIVE: ['EXPIRED', 'REVOKED'],
  FAILED: ['ACTIVE', 'INITIATED', 'REVOKED'],
  EXPIRED: ['ACTIVE', 'INITIATED', 'REVOKED'],
  INACTIVE: [],
  REVOKED: ['ACTIVE', 'INITIATED'],
};

/** Whether a stored state may be followed by another; staying is no move. */
export function mayBecome(from: ConnectionStatus, to: ConnectionStatus): boolean {
  return from === to || MOVES[from].includes(to);
}

export function isStatus(text: string): text is ConnectionStatus {
  return (CONNECTION_STATUSES as readonly string[]).includes(text);
}
