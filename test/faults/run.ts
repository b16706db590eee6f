import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runKillCycles } from './rig/kill-cycles.ts';

const HELP = `npm run faults -- [--cycles 200] [--messages 20000] [--seed N] [--only-cycles]

Runs every test that a fault has, then the kill cycles. The seed decides what is killed and when; it is printed, and given
again it plays the same plan. Ends with 1 when any promise was broken.`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Every test of the house whose title names a fault; the cycles come after, in numbers of their own. */
async function runFaultTests(): Promise<boolean> {
  const args = [VITEST, 'run', '-t', '\\[fault:', '--exclude', 'test/faults/kill-cycles.test.ts'];
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

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    messages: { type: 'string' },
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
  const kept = await runCycles(cycles, messages, Number(values.seed));
  process.exitCode = tests && kept ? 0 : 1;
}
