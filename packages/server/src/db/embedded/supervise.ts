import { DATABASE, FolderTaken, type Ownership, serverUrl, takeOwnership } from './ownership.ts';
import type { EmbeddedParts, Site } from './parts.ts';
import { pause } from './pause.ts';
import { findPostmaster, isAlive, type Postmaster } from './postmaster.ts';
import { freePort, pruneLogs, ServerBusy, startServer, stopServer, untilReady } from './server.ts';

/** A database server that is kept running. */
export interface EmbeddedServer {
  /** Superuser's connection string for the database `veredus`; stays the same over restarts of the server. */
  readonly url: string;
  /** The server's process, for the log and for tests; another one after a restart. */
  readonly pid: () => number;
  /** Stops the server: fast, and within the deadline by force. Safe to call twice. */
  stop(deadlineMs?: number): Promise<void>;
}

const STOP_MS = 7000;
const BUSY_MS = 10_000;
const LONGEST_BACK_OFF_MS = 5000;
const PRUNE_MS = 3_600_000;

/**
 * Starts or adopts the server of this site, owns it, and starts it again whenever it dies.
 * @throws FolderTaken when another process owns it; StartRefused when it does not start.
 */
export async function supervise(site: Site, parts: EmbeddedParts): Promise<EmbeddedServer> {
  const watch = new Watch(site, parts);
  await watch.begin();
  return {
    url: serverUrl(site, watch.postmaster, DATABASE),
    pid: () => watch.postmaster.pid,
    stop: (deadlineMs = STOP_MS) => watch.stop(deadlineMs),
  };
}

class Watch {
  readonly #site: Site;
  readonly #parts: EmbeddedParts;
  #ownership: Ownership | null = null;
  #postmaster: Postmaster | null = null;
  #recovery: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(site: Site, parts: EmbeddedParts) {
    this.#site = site;
    this.#parts = parts;
  }

  get postmaster(): Postmaster {
    if (this.#postmaster === null) throw new Error('the server was never started');
    return this.#postmaster;
  }

  async begin(): Promise<void> {
    const deadline = this.#parts.clock.monotonic() + BUSY_MS;
    for (;;) {
      try {
        await this.#bringUp();
        break;
      } catch (error) {
        if (!(error instanceof ServerBusy) || this.#parts.clock.monotonic() > deadline) throw error;
        await pause(this.#parts.clock, 200);
      }
    }
    this.#pruneLater();
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#shutDown(deadlineMs);
    return this.#stopped;
  }

  async #shutDown(deadlineMs: number): Promise<void> {
    // A recovery under way sees #stopped at its next step; without waiting, it would leave a server behind.
    await Promise.resolve();
    await this.#recovery;
    if (this.#ownership === null) return;
    await stopServer(this.#site, this.#ownership.postmaster.pid, deadlineMs, this.#parts);
    await this.#ownership.release();
  }

  async #bringUp(): Promise<void> {
    const running = await findPostmaster(this.#site);
    const found = running === null ? null : await this.#join(running);
    const postmaster = found ?? (await this.#startFresh());
    this.#ownership = await takeOwnership(this.#site, postmaster, this.#parts);
    this.#postmaster = postmaster;
    const { pid, port } = postmaster;
    this.#parts.log(found ? 'database adopted' : 'database started', { pid, port, cluster: this.#site.cluster });
    this.#ownership.ended.then(() => this.#sessionEnded());
  }

  /** Under the port it had before: the pools know it by that address. */
  async #startFresh(): Promise<Postmaster> {
    return startServer(this.#site, this.#postmaster?.port ?? (await freePort()), this.#parts, this.#aborted);
  }

  readonly #aborted = () => this.#stopped !== null || this.#parts.abort?.aborted === true;

  /** Waits for a server that is starting; null once one that is stopping has gone. */
  async #join(running: Postmaster): Promise<Postmaster | null> {
    let current: Postmaster | null = running;
    while (current?.status === 'stopping') {
      await pause(this.#parts.clock, 50);
      current = await findPostmaster(this.#site);
    }
    if (current === null) return null;
    const { pid } = current;
    const ended = () => (isAlive(pid) ? null : 'it ended while we waited for it');
    return untilReady(this.#site, this.#parts, ended, this.#aborted);
  }

  #sessionEnded(): void {
    if (this.#stopped !== null) return;
    this.#ownership = null;
    this.#parts.log('database went away', { pid: this.#postmaster?.pid });
    this.#recovery = this.#recover();
  }

  async #recover(): Promise<void> {
    for (let waitMs = 50; this.#stopped === null; waitMs = Math.min(waitMs * 2, LONGEST_BACK_OFF_MS)) {
      try {
        await this.#bringUp();
        return;
      } catch (error) {
        if (error instanceof FolderTaken) {
          this.#parts.lost?.(error.message);
          return;
        }
        this.#parts.log('database not back yet', { why: String(error) });
        await pause(this.#parts.clock, waitMs);
      }
    }
  }

  #pruneLater(): void {
    this.#parts.clock.after(PRUNE_MS, () => {
      if (this.#stopped !== null) return;
      pruneLogs(this.#site).catch((error) => this.#parts.log('old database logs remain', { why: String(error) }));
      this.#pruneLater();
    });
  }
}
