import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';

/** What running a database server of our own takes. */
export interface EmbeddedParts {
  /** The data folder; made when missing. The server keeps to its `postgres` subfolder. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  /** One line for the operator; never a secret. */
  log(event: string, facts: Record<string, unknown>): void;
  /** Another process took the data folder over while this one's server was down: stop using the database. */
  lost?(why: string): void;
  /** Gives a start up, e.g. at Ctrl-C while a crashed database replays its log: the server goes down again. */
  readonly abort?: AbortSignal;
  /**
   * How long to try for a folder that another process holds, in ms. Default 1,000: a killed process's session ends
   * within milliseconds of it, so one that still holds the folder after that lives.
   */
  readonly patienceMs?: number;
  /** Added to postgresql.conf, after ours. Tests turn fsync off with it; nothing else should. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the cluster goes when the server's user cannot reach the data folder. Default /var/lib/veredus. */
  readonly elsewhere?: string;
  /** The PostgreSQL to use instead of the installed package's. For tests. */
  readonly binaries?: Binaries;
}

/** A PostgreSQL as the platform package lays it out. */
export interface Binaries {
  /** Holds bin/, lib/, share/ and pg-symlinks.json. */
  readonly folder: string;
  /** As the package says, e.g. `18.4.0-beta.17`. */
  readonly version: string;
}

/** The operating system user that the server runs as; null = the one we are. */
export type RunAs = { readonly uid: number; readonly gid: number } | null;

/** Everything that stays the same over the life of one supervised server. */
export interface Site {
  /** Holds cluster/, password, log/ and, where they had to be copied, the binaries. Real path. */
  readonly home: string;
  /** PostgreSQL's own data directory. Real path. */
  readonly cluster: string;
  readonly password: string;
  readonly runAs: RunAs;
  readonly binaries: Binaries;
}
