import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dumpSchema } from '@veredus/server/db/dump-schema';
import { migrate } from '@veredus/server/db/migrate';
import { writeRowTypes } from '@veredus/server/db/row-types';
import { withClient } from '@veredus/server/db/with-client';
import { systemClock } from '@veredus/server/system';
import { startEngine } from './engine.ts';

/** The two files that are written from the migrated schema, and how. */
export const SCHEMA_FILES = [
  { path: fileURLToPath(new URL('../../packages/server/src/db/schema.sql', import.meta.url)), text: dumpSchema },
  { path: fileURLToPath(new URL('../../packages/server/src/db/schema.ts', import.meta.url)), text: writeRowTypes },
];

/** Migrates an empty database in a temporary folder and writes what came of it. */
async function writeSchema(): Promise<void> {
  const engine = await startEngine();
  try {
    await migrate(engine.url, { clock: systemClock, log: () => {} });
    await withClient(engine.url, async (client) => {
      for (const { path, text } of SCHEMA_FILES) await writeFile(path, await text(client));
    });
  } finally {
    await engine.stop();
  }
}

if (import.meta.main) await writeSchema();
