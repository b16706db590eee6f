import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { startDatabase } from './database.ts';
import { figuresOf } from './figures.ts';
import { historyTable, measureHistory } from './history.ts';
import { importTable, measureImport } from './import.ts';
import { hasKannel } from './kannel.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { type Round, runRound } from './rounds.ts';
import { startSink } from './sink-process.ts';
import { tableOf } from './table.ts';
import { measureWebhooks, webhookTable } from './webhooks.ts';

/**
 * Measures what the product promises about speed, next to the limits of what it is made of, in one run. It judges
 * nothing: the figures of a noisy machine are for people. See README.md for what each line means.
 */
async function run(options: BenchOptions): Promise<void> {
  const sink = await startSink(options.window);
  const database = await startDatabase();
  const busy = loadavg()[0]!.toFixed(1);
  try {
    const rounds: Round[] = [];
    for (let number = 1; number <= options.runs; number++) {
      const tell = (line: string) => console.error(`round ${number} of ${options.runs}: ${line}`);
      rounds.push(await runRound(options, { sink, databaseUrl: database.url, tell }));
    }
    console.log(`${machine()}; load before the first round: ${busy}`);
    console.log(`rounds: ${options.runs}; window: ${options.window}; warm-up: ${options.warmUp}\n`);
    console.log(tableOf(figuresOf(rounds), options.markdown));
    if (options.history) {
      const history = historyTable(await measureHistory(database.url));
      console.log(options.markdown ? `\n\`\`\`\n${history}\n\`\`\`` : `\n${history}`);
    }
    if (options.imports) {
      const imports = importTable(await measureImport(database.url));
      console.log(options.markdown ? `\n\`\`\`\n${imports}\n\`\`\`` : `\n${imports}`);
    }
    if (options.webhooks) {
      const webhooks = webhookTable(await measureWebhooks(database.url));
      console.log(options.markdown ? `\n\`\`\`\n${webhooks}\n\`\`\`` : `\n${webhooks}`);
    }
  } finally {
    await sink.stop();
    await database.stop();
  }
}

const machine = (): string =>
  `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'CPU'}, Linux ${release()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;

/** What is not measured is said, so that no table looks complete that is not. */
async function withoutAbsent(options: BenchOptions): Promise<BenchOptions> {
  if (!options.kannel || (await hasKannel())) return options;
  console.error("SKIPPED kannel: bearerbox and smsbox are not in /usr/sbin (Debian's package is called kannel)");
  return { ...options, kannel: false };
}

function optionsOrUsage(args: readonly string[]): BenchOptions | string {
  if (args.includes('--help')) return USAGE;
  try {
    return readOptions(args);
  } catch (error) {
    process.exitCode = 2;
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

const options = optionsOrUsage(process.argv.slice(2));
if (typeof options === 'string') console.error(options);
else await run(await withoutAbsent(options));
