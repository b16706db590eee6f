import { readdir, readFile } from 'node:fs/promises';

/** What processes have cost so far, read from Linux's /proc. */

/** Linux counts CPU time in ticks of 10 ms for user space, whatever the kernel's own. */
const TICK_SECONDS = 0.01;

interface ProcessTimes {
  parent: number;
  /** Seconds of CPU, user and system together. */
  own: number;
  /** The same of children that have ended and were waited for. */
  endedChildren: number;
}

/** CPU seconds of one process, all its threads. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  return (await timesOf(pid))?.own ?? 0;
}

/** CPU seconds of a process and its children, those that have ended included: a postmaster and its backends. */
export async function cpuSecondsOfFamily(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter((each) => each > 0);
  const all = await Promise.all(pids.map(async (each) => ({ pid: each, times: await timesOf(each) })));
  let seconds = 0;
  for (const { pid: each, times } of all) {
    if (each === pid) seconds += (times?.own ?? 0) + (times?.endedChildren ?? 0);
    else if (times?.parent === pid) seconds += times.own;
  }
  return seconds;
}

/** The most memory it ever held, in MB of 10^6 bytes; null where it has ended. */
export async function peakMegabytesOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
}

async function timesOf(pid: number): Promise<ProcessTimes | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name stands in brackets and may hold anything; proc(5) counts the fields after it from 3.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  return {
    parent: field(4),
    own: (field(14) + field(15)) * TICK_SECONDS,
    endedChildren: (field(16) + field(17)) * TICK_SECONDS,
  };
}
