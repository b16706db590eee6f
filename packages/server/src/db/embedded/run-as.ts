import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartRefused } from '../start-refused.ts';
import type { RunAs } from './parts.ts';

/**
 * PostgreSQL refuses to run as root. So as root its server runs as the owner of the cluster, for a new one as
 * `postgres` or, where the machine has none, as `nobody`; as anybody else it runs as we do.
 * @param owner who owns the existing cluster; null for a new one.
 */
export async function chooseRunAs(owner: { uid: number; gid: number } | null, where: string): Promise<RunAs> {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  if (uid !== 0) {
    if (owner === null || owner.uid === uid) return null;
    throw new StartRefused(
      `The database in ${where} belongs to user ${owner.uid}, and this process runs as user ${uid}: start it as root or as that user, or choose another VEREDUS_DATA_DIR.`,
    );
  }
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const chosen = findAccount(accounts, 'postgres') ?? findAccount(accounts, 'nobody');
  if (chosen) return chosen;
  throw new StartRefused(
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: start as an ordinary user, or set DATABASE_URL.',
  );
}

/** Finds a user in the text of /etc/passwd (name:password:uid:gid:…); one with uid 0 is no better than root. */
export function findAccount(passwd: string, name: string): { uid: number; gid: number } | null {
  for (const line of passwd.split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/**
 * Whether that user can enter every folder on the way to `path`, and enter or execute `path` itself, by owner, group
 * and mode. Its other groups do not count: Node drops them when it starts a process as somebody else.
 */
export async function canReach(path: string, who: RunAs): Promise<boolean> {
  if (who === null) return true;
  for (let place = path; ; place = dirname(place)) {
    const { uid, gid, mode } = await stat(place);
    const granted = uid === who.uid ? mode >> 6 : gid === who.gid ? mode >> 3 : mode;
    if ((granted & 0o1) === 0) return false;
    if (place === dirname(place)) return true;
  }
}
