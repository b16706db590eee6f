import { totalmem } from 'node:os';

const MEGABYTE = 1024 * 1024;

/** Memory this process may count on, in bytes: the machine's, or less where a container limits it. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * The text of postgresql.conf, for bulk work on a small machine whose memory Node shares.
 * @param where socketFolder null = TCP only.
 */
export function serverConfig(
  where: { port: number; socketFolder: string | null; logFolder: string; memory: number },
  extra: Readonly<Record<string, string>> = {},
): string {
  const buffers = Math.max(32, Math.min(256, Math.floor(where.memory / 8 / MEGABYTE)));
  const settings: Record<string, string> = {
    ...DURABLE,
    ...THROUGHPUT,
    ...QUEUE_VACUUM,
    ...LOGGING,
    listen_addresses: '127.0.0.1',
    port: String(where.port),
    unix_socket_directories: where.socketFolder ?? '',
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    shared_buffers: `${buffers}MB`,
    effective_cache_size: `${Math.max(64, Math.floor(where.memory / 2 / MEGABYTE))}MB`,
    log_directory: where.logFolder,
    ...extra,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return [
    '# Written by Veredus at every start. Your own settings: ALTER SYSTEM SET name = value, which wins over this file.',
    ...lines,
    '',
  ].join('\n');
}

/** What a 200 with a message id promises. Said outright, so that nobody need know the defaults. */
const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };

const THROUGHPUT = {
  max_connections: '100',
  // Fewer checkpoints: each makes every page's first change after it a full page in the log.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  // Statements are short and repeated: compiling them costs more than it saves, and so do extra processes on 2 cores
  // (which would also need /dev/shm, 64 MB in a container).
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  random_page_cost: '1.1',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  timezone: 'UTC',
};

/**
 * messages is its own queue: each row is changed three or four times within seconds, so dead rows must go soon, and
 * statistics must come early (a join over a never-analysed table ran 4 times slower: 26,000 against 103,000 rows/s).
 */
const QUEUE_VACUUM = {
  autovacuum_naptime: '15s',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.05',
  autovacuum_vacuum_cost_limit: '2000',
  autovacuum_max_workers: '2',
};

/** Bodies and phone numbers stay out of the log: no parameters, and no DETAIL lines, which quote rows. */
const LOGGING = {
  logging_collector: 'on',
  log_filename: 'postgres-%Y%m%d-%H%M%S.log',
  log_file_mode: '0600',
  log_rotation_age: '1d',
  log_rotation_size: '10MB',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %a ',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  lc_messages: 'C',
};
