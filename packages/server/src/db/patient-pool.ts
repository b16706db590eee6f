import type { Clock } from '@veredus/protocols/clock';
import pg from 'pg';

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

const PATIENCE_MS = 5000;
const LONGEST_WAIT_MS = 250;

/**
 * A pool that outlives its server. The driver's own gives up at the first refused connection, so a server that restarts
 * (1 to 2 s after a kill, its log replayed) would fail every request of that time; here they wait for it.
 */
export class PatientPool extends pg.Pool {
  readonly #clock: Clock;
  readonly #patienceMs: number;

  constructor(
    config: pg.PoolConfig,
    parts: { clock: Clock; patienceMs?: number; log(event: string, facts: Record<string, unknown>): void },
  ) {
    super(config);
    this.#clock = parts.clock;
    this.#patienceMs = parts.patienceMs ?? PATIENCE_MS;
    // The pool listens to idle clients only. One that is checked out and breaks between two statements emits 'error'
    // with nobody listening, which ends the process; the statement after it fails by itself.
    this.on('connect', (client) => client.on('error', () => {}));
    this.on('error', (error) => parts.log('database connection lost', { why: error.message }));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const client = this.#connectPatiently();
    if (callback === undefined) return client;
    client.then(
      (given) => callback(undefined, given, given.release as (release?: unknown) => void),
      (error: Error) => callback(error, undefined, () => {}),
    );
  }

  async #connectPatiently(): Promise<pg.PoolClient> {
    const deadline = this.#clock.monotonic() + this.#patienceMs;
    for (let waitMs = 25; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await super.connect();
      } catch (error) {
        const late = this.#clock.monotonic() + waitMs > deadline;
        if (late || this.ending || !isUnavailable(error)) throw error;
      }
      await new Promise<void>((resolve) => void this.#clock.after(waitMs, resolve));
    }
  }
}

/** No server behind the address: nobody listens, or the socket file is gone. */
const NO_SERVER = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
/** SQLSTATE: admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, too_many_connections. */
const SERVER_AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '53300']);

/** Whether an error means that the database is away for the moment (answer 503, try again) and not that a statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (NO_SERVER.has(code) || SERVER_AWAY.has(code) || code.startsWith('08'))) return true;
  // The driver's own, which carry no code.
  return /^Connection terminated|^timeout exceeded when trying to connect|has encountered a connection error/.test(
    error.message,
  );
}
