import type { CaseName, CaseRun } from './cases.ts';
import type { Round } from './rounds.ts';

/** One line of the table: what was measured in each round, and how it compares within the round. */
export interface Figure {
  name: string;
  unit: '/s' | 'ms' | 'µs' | 'MB' | '×';
  values: number[];
  /** What it should come to, in words; nothing here judges. */
  goal: string;
  /** By column; absent where the comparison would mean nothing. */
  ratios: { sql?: number[]; smpp?: number[]; against?: number[]; kannel?: number[] };
}

/** Every figure of the rounds, in the order of the table. */
export function figuresOf(rounds: readonly Round[]): Figure[] {
  return [
    ...limits(rounds),
    ...others(rounds),
    ...lives(rounds),
    ...campaigns(rounds),
    ...floods(rounds),
    ...doors(rounds),
    ...waits(rounds),
    ...costs(rounds),
  ].filter(({ values }) => values.length > 0);
}

const plain = (name: string, unit: Figure['unit'], values: number[], goal = ''): Figure => ({
  name,
  unit,
  values,
  goal,
  ratios: {},
});

function limits(rounds: readonly Round[]): Figure[] {
  const sql = (name: string, key: keyof Round['rawSql']) =>
    plain(
      name,
      '/s',
      rounds.map(({ rawSql }) => rawSql[key]),
    );
  return [
    plain(
      'raw limit: SMPP loop without storage',
      '/s',
      rounds.map(({ rawSmpp }) => rawSmpp),
    ),
    sql('raw limit: SQL insert, 1,000 rows a statement', 'insert'),
    sql('raw limit: SQL update by id, 500 (response)', 'acknowledge'),
    sql('raw limit: SQL update by id, 500 (receipt)', 'receipt'),
    sql('raw limit: the three SQL statements of a life', 'lifecycle'),
  ];
}

function others(rounds: readonly Round[]): Figure[] {
  const kannel = (name: string, key: keyof NonNullable<Round['kannel']>, unit: Figure['unit'] = '/s') =>
    plain(
      name,
      unit,
      rounds.flatMap((round) => round.kannel?.[key] ?? []),
    );
  const against = (name: string, key: CaseName) =>
    plain(
      name,
      '/s',
      rounds.flatMap((round) => round.against[key] ?? []),
    );
  return [
    against('the other: full life, 20,000', 'life20k'),
    against('the other: full life, 100,000', 'life100k'),
    against('the other: one message a call', 'single'),
    kannel('Kannel, one message a call: accepted', 'acceptedPerSecond'),
    kannel('Kannel, one message a call: submitted', 'submittedPerSecond'),
    kannel('Kannel, one message a call: full life (not durable)', 'fullPerSecond'),
    kannel('Kannel: CPU a message', 'micros', 'µs'),
  ];
}

function lives(rounds: readonly Round[]): Figure[] {
  return [
    life(rounds, 'life20k', 'full life, 1,000 a call, 20,000 messages', '12,000; best 20,000'),
    life(rounds, 'life100k', 'full life, 1,000 a call, 100,000 messages', '12,000; best 20,000'),
    life(rounds, 'single', 'full life, one a call, 64 connections', '5,000 to 6,000'),
  ];
}

function life(rounds: readonly Round[], key: CaseName, name: string, goal: string): Figure {
  const ran = rounds.flatMap((round) => {
    const run = round.cases[key];
    return run ? [{ round, rate: run.fullPerSecond }] : [];
  });
  const compared = (other: (round: Round) => number | undefined) =>
    ran.flatMap(({ round, rate }) => {
      const theirs = other(round);
      return theirs === undefined ? [] : [rate / theirs];
    });
  return {
    ...plain(
      name,
      '/s',
      ran.map(({ rate }) => rate),
      goal,
    ),
    ratios: {
      sql: compared((round) => round.rawSql.lifecycle),
      smpp: compared((round) => round.rawSmpp),
      against: compared((round) => round.against[key]),
      // Kannel is driven by single calls only.
      kannel: key === 'single' ? compared((round) => round.kannel?.fullPerSecond) : [],
    },
  };
}

const taken = (rounds: readonly Round[], key: CaseName, of: (run: CaseRun) => number | null): number[] =>
  rounds.flatMap((round) => {
    const run = round.cases[key];
    return run ? (of(run) ?? []) : [];
  });

/** A campaign is compared with the same messages by calls in its own round: a ratio, as both are submitted. */
function campaigns(rounds: readonly Round[]): Figure[] {
  const ran = rounds.flatMap(({ campaign }) => campaign ?? []);
  const figure = (name: string, unit: Figure['unit'], of: (run: (typeof ran)[number]) => number, goal = '') =>
    plain(name, unit, ran.map(of), goal);
  return [
    figure('20,000 by calls of 1,000: submitted', '/s', ({ single }) => single.submittedPerSecond),
    figure('campaign to 20,000: submitted', '/s', ({ plain }) => plain.submittedPerSecond),
    figure(
      'campaign ÷ calls',
      '×',
      ({ plain, single }) => plain.submittedPerSecond / single.submittedPerSecond,
      'at least 0.9',
    ),
    figure('campaign with a link each: submitted', '/s', ({ linked }) => linked.submittedPerSecond),
    figure('campaign: the call that launches it', 'ms', ({ plain }) => plain.launchMs),
    figure('campaign: its price', 'ms', ({ plain }) => plain.priceMs, 'under 1,000'),
  ];
}

function floods(rounds: readonly Round[]): Figure[] {
  const ran = rounds.flatMap(({ flood }) => flood ?? []);
  const figure = (name: string, unit: Figure['unit'], of: (run: (typeof ran)[number]) => number, goal = '') =>
    plain(name, unit, ran.map(of), goal);
  return [
    figure('submits while no receipts come', '/s', (run) => run.quietPerSecond),
    figure('submits under a flood of receipts', '/s', (run) => run.floodedPerSecond),
    figure('the flood: receipts stored', '/s', (run) => run.receiptsPerSecond, '5,000'),
    figure('flooded ÷ quiet', '×', (run) => run.floodedPerSecond / run.quietPerSecond, 'at least 0.8'),
  ];
}

/** A customer's SMPP client is compared with single calls of its own round: both submit text by text. */
function doors(rounds: readonly Round[]): Figure[] {
  const ran = rounds.flatMap(({ door }) => door ?? []);
  const figure = (name: string, unit: Figure['unit'], of: (run: (typeof ran)[number]) => number, goal = '') =>
    plain(name, unit, ran.map(of), goal);
  return [
    figure('20,000 by single calls: accepted', '/s', ({ single }) => single.acceptedPerSecond),
    figure('20,000 through the SMPP door, one bind: accepted', '/s', ({ smpp }) => smpp.acceptedPerSecond),
    figure('SMPP door ÷ single calls', '×', ({ smpp, single }) => smpp.acceptedPerSecond / single.acceptedPerSecond),
    figure('SMPP door: until the last receipt is taken', '/s', ({ smpp }) => smpp.perSecond),
  ];
}

function waits(rounds: readonly Round[]): Figure[] {
  const p50 = (run: CaseRun) => run.acceptP50;
  return [
    plain('accept of 1,000 under that load, p50', 'ms', taken(rounds, 'life100k', p50), 'at most 150'),
    plain(
      'one message under that load, p99',
      'ms',
      taken(rounds, 'latency', (run) => run.probeP99),
      'under 100',
    ),
    plain('one a call, 64 connections: accept, p50', 'ms', taken(rounds, 'single', p50)),
    plain(
      'one a call, 64 connections: accept, p99',
      'ms',
      taken(rounds, 'single', (run) => run.acceptP99),
    ),
  ];
}

function costs(rounds: readonly Round[]): Figure[] {
  const cpu = (run: CaseRun) => run.nodeMicros + run.postgresMicros;
  const of100k = (name: string, unit: 'µs' | 'MB', value: (run: CaseRun) => number, goal = '') =>
    plain(name, unit, taken(rounds, 'life100k', value), goal);
  return [
    of100k('CPU a message, 100,000: Node and PostgreSQL', 'µs', cpu, 'at most 120'),
    of100k('CPU a message, 100,000: Node', 'µs', (run) => run.nodeMicros),
    of100k('CPU a message, 100,000: PostgreSQL', 'µs', (run) => run.postgresMicros),
    plain('CPU a message, one a call: Node and PostgreSQL', 'µs', taken(rounds, 'single', cpu)),
    of100k('Node at its largest while 100,000 pass', 'MB', (run) => run.peakMegabytes, 'under 250'),
  ];
}
