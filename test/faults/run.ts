import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCampaignKills } from './rig/campaign-kills.ts';
import { runKillCycles } from './rig/kill-cycles.ts';

const HELP = `npm run faults -- [--cycles 200] [--messages 20000] [--campaign-kills 50] [--recipients 10000] [--seed N]
  [--only-cycles]

Runs every test that a fault has, then the kill cycles, then a campaign under kills; 0 leaves a part out. The seed decides what is killed and when; it is printed, and given
again it plays the same plan. Ends with 1 when any promise was broken.`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Every test of the house whose title names a fault; the cycles come after, in numbers of their own. */
async function runFaultTests(): Promise<boolean> {
  const args = [VITEST, 'run', '-t', '\\[fault:', '--exclude', 'test/faults/*-{cycles,kills}.test.ts'];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function runCycles(cycles: number, messages: number, seed: number): Promise<boolean> {
  console.log(`seed ${seed}: ${messages} messages, ${cycles} kills at random points`);
  const started = performance.now();
  const { violations, ...figures } = await runKillCycles({ cycles, messages, seed, say: console.log });
  console.table(figures);
  console.log(
    `${Math.round((performance.now() - started) / 1000)} s; replay with --seed ${seed} --cycles ${cycles} --messages ${messages}`,
  );
  for (const violation of violations) console.error(`VIOLATION ${violation}`);
  if (violations.length === 0) console.log('nothing lost, nothing sent twice, no drift');
  return violations.length === 0;
}

async function runCampaign(kills: number, recipients: number, seed: number): Promise<boolean> {
  console.log(`seed ${seed}: a campaign to ${recipients}, ${kills} kills at random points`);
  const started = performance.now();
  const { violations, ...figures } = await runCampaignKills({ kills, recipients, seed, say: console.log });
  console.table(figures);
  console.log(`${Math.round((performance.now() - started) / 1000)} s`);
  for (const violation of violations) console.error(`VIOLATION ${violation}`);
  if (violations.length === 0) console.log('each recipient once, what is unknown listed, money exact');
  return violations.length === 0;
}

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    messages: { type: 'string' },
    'campaign-kills': { type: 'string', default: '50' },
    recipients: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    'only-cycles': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const cycles = Number(values.cycles);
  const messages = Number(values.messages ?? Math.max(10_000, cycles * 100));
  const tests = values['only-cycles'] || (await runFaultTests());
  const kept = cycles === 0 || (await runCycles(cycles, messages, Number(values.seed)));
  const kills = Number(values['campaign-kills']);
  const whole = kills === 0 || (await runCampaign(kills, Number(values.recipients), Number(values.seed)));
  process.exitCode = tests && kept && whole ? 0 : 1;
}
