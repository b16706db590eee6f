import { isAlive } from '@veredus/server/db/embedded/postmaster';
import type { Api, HistoryRow } from './api.ts';
import { isUnknown, judge, refOf, type Verdict } from './judge.ts';
import { Load } from './load.ts';
import { seeded } from './seeded.ts';
import { postgresPid } from './server.ts';
import type { Behaviour } from './smsc.ts';
import { openStage, type Stage, texts, WINDOW } from './stage.ts';
import { until } from './until.ts';

export interface CycleOptions {
  readonly cycles: number;
  /** All over the run. */
  readonly messages: number;
  readonly seed: number;
  say(line: string): void;
}

export interface CycleReport extends Verdict {
  seed: number;
  cycles: number;
  /** The most that one kill left UNKNOWN. */
  worstUnknown: number;
  /** UNKNOWN left by all kills, before receipts resolved what they could. */
  unknownAtKills: number;
  /** Claimed by a node that died, proven unsent, and sent by the next. */
  requeued: number;
  /** Calls the client had to repeat. */
  repeatedCalls: number;
}

const VICTIMS = ['node', 'node', 'node', 'postgres', 'both'] as const;

/**
 * Kills the server, its PostgreSQL or both, again and again, at moments that the seed decides, while a customer's program
 * sends; lets everything come to rest, and has the judge look at it. The seed replays the plan: what is killed, when, and
 * how the message centre behaves. The machine's own timing is not in it.
 */
export async function runKillCycles(options: CycleOptions): Promise<CycleReport> {
  const random = seeded(options.seed);
  const stage = await openStage();
  const load = new Load();
  const kills: Kills = { unknown: [], requeued: 0 };
  try {
    stage.smsc.behaviour = moody(options.seed);
    load.api = await stage.start();
    let sent = 0;
    for (let cycle = 1; cycle <= options.cycles; cycle++) {
      const count = Math.floor((options.messages * cycle) / options.cycles) - sent;
      load.send(mixed(count, sent), 1 + random.below(Math.min(100, count)));
      sent += count;
      const before = (await unknownOf(load.api)).length;
      const victim = VICTIMS[random.below(VICTIMS.length)]!;
      await new Promise((resolve) => setTimeout(resolve, random.below(150 + count * 0.6)));
      stage.smsc.holdReceipts = true;
      load.api = await killAndRestart(stage, load, victim, kills);
      const left = (await unknownOf(load.api)).length - before;
      kills.unknown.push(left);
      stage.smsc.holdReceipts = false;
      options.say(`cycle ${cycle}: ${victim} killed; ${left} unknown, ${load.accepted.size} accepted so far`);
    }
    await rest(stage, load);
    return await report(options, stage, load, kills);
  } finally {
    load.api = null;
    await stage.close();
  }
}

/** What kills left behind: UNKNOWN messages by kill, and claims of the dead that were sent by the next. */
export interface Kills {
  unknown: number[];
  requeued: number;
}

export async function killAndRestart(
  stage: Stage,
  load: Load,
  victim: (typeof VICTIMS)[number],
  kills: Kills,
): Promise<Api> {
  const api = load.api!;
  if (victim !== 'node') await killPostgres(stage);
  if (victim === 'postgres') {
    // The server brings it back by itself; until then it says 503.
    await until('the database again', async () => (await api.call('GET', '/v3/account')).status === 200, 30_000);
    return api;
  }
  load.api = null;
  await stage.kill();
  const next = await stage.start();
  const words = /"dispatch.taken-over-from-the-dead".*"requeued":(\d+)/.exec(stage.said());
  kills.requeued += Number(words?.[1] ?? 0);
  return next;
}

async function killPostgres(stage: Stage): Promise<void> {
  const pid = await postgresPid(stage.setup.dataDir);
  process.kill(pid, 'SIGKILL');
  await until('the end of PostgreSQL', () => !isAlive(pid));
}

export const unknownOf = async (api: Api) => (await api.history('&q=status_code:300')).filter(isUnknown);

/** Everything answered, sent and reported; what is still UNKNOWN then stays so. */
export async function rest(stage: Stage, load: Load): Promise<void> {
  await until('the end of the load', () => load.idle, 60_000);
  const api = load.api!;
  let left: HistoryRow[] = [];
  const empty = async () => {
    const open = await api.history('&q=status_code:200,status_code:300&operator=OR');
    left = open.filter((row) => !isUnknown(row));
    return left.length === 0 && stage.smsc.owed === 0;
  };
  const words = () =>
    `an empty pipeline; ${left.length} wait, ${stage.smsc.owed} receipts are owed: ${left
      .slice(0, 3)
      .map(({ body, status_text }) => `${body.slice(0, 7)} ${status_text}`)}`;
  await until(words, empty, 60_000);
  // Receipts without an id wait three seconds for one, then go by their text.
  let open: string[] = [];
  const resolved = async () => {
    open = (await unknownOf(api)).map(({ body }) => refOf(body)).filter((ref) => reported(stage, ref));
    return open.length === 0;
  };
  await until(
    () => `receipts by their text; ${open.length} UNKNOWN have theirs: ${open.slice(0, 3)}`,
    resolved,
    60_000,
  );
}

/** Whether the centre has reported on a text in a way that can be known by its beginning. */
const reported = (stage: Stage, ref: string): boolean =>
  stage.smsc.log.some((submit) => submit.ref === ref && submit.part === 1 && submit.status === 0);

/** Mostly quick and content; sometimes slow, sometimes throttling, with receipts before and after the response. */
export function moody(seed: number): Behaviour {
  const random = seeded(seed ^ 0x5eed);
  return () => {
    const mood = random.next();
    if (mood < 0.01) return { afterMs: 0, status: 0x58, reports: [] };
    const afterMs = mood < 0.5 ? 0 : random.below(20);
    return { afterMs, status: 0, reports: [{ state: 'delivered', afterMs: random.below(60) }] };
  };
}

/** Every tenth text has two parts. */
const mixed = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => texts(1, from + i, (from + i) % 10 === 0 ? 2 : 1)[0]!);

async function report(options: CycleOptions, stage: Stage, load: Load, kills: Kills): Promise<CycleReport> {
  const verdict = await judge({
    api: load.api!,
    setup: stage.setup,
    accepted: load.accepted,
    log: stage.smsc.log,
    crashes: options.cycles,
    mostUnknown: WINDOW,
  });
  const worstUnknown = Math.max(0, ...kills.unknown);
  verdict.violations.push(...load.wrong.slice(0, 5));
  if (worstUnknown > WINDOW) verdict.violations.push(`I3: one kill left ${worstUnknown} UNKNOWN, over ${WINDOW}`);
  if (verdict.inFlight > 0) verdict.violations.push(`I2: ${verdict.inFlight} never came to an end`);
  if (verdict.accepted !== options.messages) {
    verdict.violations.push(`I1: ${verdict.accepted} of ${options.messages} were accepted`);
  }
  return {
    ...verdict,
    seed: options.seed,
    cycles: options.cycles,
    worstUnknown,
    unknownAtKills: kills.unknown.reduce((sum, count) => sum + Math.max(0, count), 0),
    requeued: kills.requeued,
    repeatedCalls: load.repeated,
  };
}
