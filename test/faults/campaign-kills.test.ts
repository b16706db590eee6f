import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { runCampaignKills } from './rig/campaign-kills.ts';

/** A new one each run finds more than the same again; it is printed, and `npm run faults -- --seed N` plays it again. */
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));

test(verifies(
  'fault:F1',
  'campaign:crash',
  'campaign:statistics',
  'campaign:recipients',
  'a campaign of 3,000 over 10 kills at random points',
), { timeout: 240_000 }, async () => {
  const lines: string[] = [`seed ${seed}`];
  const report = await runCampaignKills({ kills: 10, recipients: 3_000, seed, say: (line) => lines.push(line) }).catch(
    (error: Error) => {
      throw new Error(`${lines.join('\n')}\n${error.message}`, { cause: error });
    },
  );
  expect(report.violations, lines.join('\n')).toEqual([]);
  expect(report).toMatchObject({ accepted: 3_000, inFlight: 0, repeats: 0, drift: 0 });
  expect(report.during, lines.join('\n')).toBeGreaterThan(5);
});
