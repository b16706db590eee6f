import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { runKillCycles } from './rig/kill-cycles.ts';

/** A new one each run finds more than the same again; it is printed, and `npm run faults -- --seed N` plays it again. */
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));

test(verifies(
  'fault:F1',
  'fault:kill-cycles',
  'invariant:I1',
  'invariant:I2',
  'invariant:I3',
  'invariant:I5',
  'crash:node',
  'crash:postgres',
  `10,000 messages over 10 kills at random points`,
), { timeout: 240_000 }, async () => {
  const lines: string[] = [`seed ${seed}`];
  const report = await runKillCycles({ cycles: 10, messages: 10_000, seed, say: (line) => lines.push(line) }).catch(
    (error: Error) => {
      throw new Error(`${lines.join('\n')}\n${error.message}`, { cause: error });
    },
  );
  expect(report.violations, lines.join('\n')).toEqual([]);
  expect(report).toMatchObject({ accepted: 10_000, inFlight: 0, repeats: 0, drift: 0 });
  expect(report.delivered + report.unknown).toBe(10_000);
});
