import type pg from 'pg';
import { StartRefused } from './start-refused.ts';
import { withClient } from './with-client.ts';

const OLDEST_MAJOR = 15;

/** Each with what goes wrong: a 200 of ours says that the message is committed and will survive a power cut. */
const DURABILITY: Record<string, string> = {
  fsync: 'a power cut could destroy the whole database',
  full_page_writes: 'a power cut could leave half-written pages',
  synchronous_commit: 'accepted messages could be lost in a crash',
};

interface ServerFacts {
  version: number;
  version_name: string;
  encoding: string;
  read_only: boolean;
  /** Names of the settings above that are off. */
  off: string[];
}

const FACTS = `
  select current_setting('server_version_num')::int as version, current_setting('server_version') as version_name,
    current_setting('server_encoding') as encoding, pg_is_in_recovery() as read_only,
    array(select name from pg_settings where name = any($1) and setting = 'off' order by name) as off`;

/**
 * Looks at a PostgreSQL that is not ours before anything is written to it.
 * @throws StartRefused when it does not answer, is too old, is a replica, does not hold UTF-8, or could lose what it
 * has committed. One sentence a fault; never the password.
 */
export async function checkServer(url: string): Promise<void> {
  let facts: ServerFacts | undefined;
  try {
    const ask = (client: pg.Client) => client.query<ServerFacts>(FACTS, [Object.keys(DURABILITY)]);
    facts = (await withClient(url, ask, { connectionTimeoutMillis: 10_000 })).rows[0];
  } catch (error) {
    throw new StartRefused(`The PostgreSQL of DATABASE_URL cannot be used: ${wordsOf(error)}.`, { cause: error });
  }
  const faults = facts ? faultsOf(facts) : [];
  if (faults.length > 0) throw new StartRefused(faults.join('\n'));
}

function faultsOf(facts: ServerFacts): string[] {
  const faults = facts.off.map(
    (name) => `The PostgreSQL of DATABASE_URL runs with ${name} = off, so ${DURABILITY[name]}: turn it on.`,
  );
  if (facts.version < OLDEST_MAJOR * 10_000) {
    faults.push(`The PostgreSQL of DATABASE_URL is ${facts.version_name}; Veredus needs ${OLDEST_MAJOR} or newer.`);
  }
  if (facts.encoding !== 'UTF8') {
    faults.push(`The database of DATABASE_URL holds ${facts.encoding}: make one with ENCODING 'UTF8'.`);
  }
  if (facts.read_only) faults.push('The PostgreSQL of DATABASE_URL is a replica: name the primary.');
  return faults;
}

/** Where a name has several addresses, the driver wraps one failure for each. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
