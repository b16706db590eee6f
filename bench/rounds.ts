import { type AgainstParts, runAgainst } from './against.ts';
import { type CampaignRun, runCampaign } from './campaign.ts';
import { CASES, type CaseName, type CaseRun, runCase } from './cases.ts';
import { jsonLine, lineOf, startProgram } from './children.ts';
import { type DoorRun, runDoor } from './door.ts';
import { type FloodRun, runFlood } from './flood.ts';
import { type KannelRun, runKannel } from './kannel.ts';
import type { BenchOptions } from './options.ts';
import type { RawSmppReport } from './raw-smpp.ts';
import { measureRawSql, type RawSql } from './raw-sql.ts';
import type { SinkProcess } from './sink-process.ts';

/** One round: everything once, each next to what it is compared with, so that the machine's moods meet both. */
export interface Round {
  rawSmpp: number;
  rawSql: RawSql;
  cases: Partial<Record<CaseName, CaseRun>>;
  against: Partial<Record<CaseName, number>>;
  kannel: KannelRun | null;
  /** To 20,000 recipients, without links and with one of each recipient's own. */
  campaign: { plain: CampaignRun; linked: CampaignRun; single: CaseRun } | null;
  flood: FloodRun | null;
  /** 20,000 texts of a customer's SMPP client, and as many by single calls. */
  door: { smpp: DoorRun; single: CaseRun } | null;
}

export interface RoundParts {
  sink: SinkProcess;
  databaseUrl: string;
  /** One line for whoever waits. */
  tell(line: string): void;
}

const RAW_SMPP_MESSAGES = 500_000;

export async function runRound(options: BenchOptions, parts: RoundParts): Promise<Round> {
  const { sink, databaseUrl, tell } = parts;
  const rawSmpp = await measureRawSmpp(sink.port, options.window);
  tell(`raw SMPP ${Math.round(rawSmpp)}/s`);
  const rawSql = await measureRawSql(databaseUrl);
  tell(`raw SQL ${Math.round(rawSql.lifecycle)}/s`);
  const round: Round = {
    rawSmpp,
    rawSql,
    cases: {},
    against: {},
    kannel: null,
    campaign: null,
    flood: null,
    door: null,
  };
  for (const name of options.cases) {
    const theirs = await runTheirs(name, options, { databaseUrl, sinkPort: sink.port, window: options.window });
    if (theirs !== null) {
      round.against[name] = theirs;
      tell(`${name}: the other ${Math.round(theirs)}/s`);
    }
    const ours = await runCase(CASES[name], { ...options, sink });
    round.cases[name] = ours;
    tell(`${name} ${Math.round(ours.fullPerSecond)}/s`);
  }
  if (options.kannel) {
    round.kannel = await runKannel(CASES.single, { sink, window: options.window });
    tell(`Kannel ${Math.round(round.kannel.fullPerSecond)}/s`);
  }
  if (options.campaigns) {
    // Next to the same number of messages by single calls, so that the machine's moods meet both.
    const parts = { sink, window: options.window, profileFolder: options.profileFolder };
    const single = await runCase(CASES.life20k, { ...options, sink });
    const plain = await runCampaign({ ...parts, links: false });
    const linked = await runCampaign({ ...parts, links: true });
    round.campaign = { plain, linked, single };
    tell(`campaign ${Math.round(plain.submittedPerSecond)}/s, by calls ${Math.round(single.submittedPerSecond)}/s`);
  }
  if (options.flood) {
    round.flood = await runFlood({ sink, window: options.window });
    const { quietPerSecond, floodedPerSecond } = round.flood;
    tell(
      `submits ${Math.round(quietPerSecond)}/s in quiet, ${Math.round(floodedPerSecond)}/s under a flood of receipts`,
    );
  }
  if (options.door) {
    const smpp = await runDoor({ sink, window: options.window, profileFolder: options.profileFolder });
    const single = await runCase(CASES.single, { ...options, sink });
    round.door = { smpp, single };
    const [theirs, calls] = [smpp.acceptedPerSecond, single.acceptedPerSecond].map(Math.round);
    tell(`SMPP door ${theirs}/s accepted, by single calls ${calls}/s`);
  }
  return round;
}

/** The case that measures waiting has no counterpart. */
async function runTheirs(name: CaseName, { against }: BenchOptions, parts: AgainstParts): Promise<number | null> {
  return against === null || name === 'latency' ? null : runAgainst(against, CASES[name], parts);
}

async function measureRawSmpp(port: number, window: number): Promise<number> {
  const args = { port, messages: RAW_SMPP_MESSAGES, window };
  const client = startProgram(
    'raw-smpp.ts',
    Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
  const { perSecond } = await lineOf(client, jsonLine<RawSmppReport>);
  return perSecond;
}
