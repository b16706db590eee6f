import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { ImportRun } from '../../bench/import-process.ts';
import { verifies } from '../conformance/promises.ts';
import { openTestDatabase } from '../rig/database.ts';

const PROGRAM = fileURLToPath(new URL('../../bench/import-process.ts', import.meta.url));

test(verifies('import:bounded', '100,000 rows pass through a small heap'), { timeout: 120_000 }, async () => {
  const own = await openTestDatabase();
  try {
    // Held at once, the rows alone would not fit into 64 MB beside the program, and the process would end.
    const options = ['--max-old-space-size=64', PROGRAM, 'import', own.url];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    const run: ImportRun = JSON.parse(stdout);
    expect(run.grownMb).toBeLessThan(200);
    // Idle machines see 10 to 40 ms; the rest is what a busy one may add. Read at one go it would be a second and more.
    expect(run.blockedMs).toBeLessThan(400);
  } finally {
    await own.close();
  }
});
