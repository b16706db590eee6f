import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { addEsmeBeside, bindToServer, doorPort } from '../rig/esme-of-server.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { Api } from './rig/api.ts';
import { seeded } from './rig/seeded.ts';
import { stopOrphan } from './rig/stage.ts';
import { until } from './rig/until.ts';

const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));
const KILLS = 4;
const AT_ONCE = 300;

/** An ESME that submits without a pause until its connection breaks; `said` fills with what it was answered, by text. */
function pour(client: Awaited<ReturnType<typeof bindToServer>>, round: number, said: Map<string, string>) {
  let next = 0;
  let answered = 0;
  const one = async (): Promise<void> => {
    while (client.closed.length === 0) {
      const number = next++;
      const body = `k${round} n${number}`;
      const destination = `614${20_000_000 + number}`;
      const sent = client.send({ destination, source: 'Bakehouse', shortMessage: Buffer.from(body) });
      const ending = await sent.catch(() => null);
      if (ending?.kind !== 'response') return;
      expect(ending.status).toBe(0);
      answered += 1;
      said.set(body, ending.messageId);
    }
  };
  const over = Promise.all(Array.from({ length: AT_ONCE }, one));
  return { over, answered: () => answered, begun: () => next };
}

test(verifies(
  'smpp-door:accept',
  'fault:F4',
  'kill -9 while an ESME submits: what was answered stands in the history once, under the id of its answer',
), { timeout: 240_000 }, async () => {
  const random = seeded(seed);
  const folder = await temporaryFolder('veredus-faults-');
  const dataDir = join(folder, 'data');
  const settings = { VEREDUS_SMPP_LISTEN: '127.0.0.1:0' };
  let server: RunningServer | null = null;
  try {
    server = await startServer(folder, settings);
    const esme = await addEsmeBeside(dataDir, server.credentials.username);
    const said = new Map<string, string>();
    let begun = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const client = await bindToServer(doorPort(server.log()), esme);
      const load = pour(client, kill, said);
      const enough = 400 + random.below(1_200);
      await until('answers', () => load.answered() >= enough, 30_000);
      await server.kill();
      await load.over;
      begun += load.begun();
      server = await startServer(folder, settings);
    }
    expect(begun).toBeGreaterThan(said.size);
    const rows = await new Api(server.url, server.credentials).history();
    const byBody = Map.groupBy(rows, ({ body }) => body);
    expect(
      [...byBody.values()].filter(({ length }) => length > 1),
      `seed ${seed}`,
    ).toEqual([]);
    const lost = [...said].filter(([body, id]) => byBody.get(body)?.[0]?.message_id !== id);
    expect(lost, `seed ${seed}`).toEqual([]);
    expect(rows.length).toBeLessThanOrEqual(begun);
  } finally {
    await server?.stop();
    await stopOrphan(dataDir);
    await rm(folder, { recursive: true, force: true });
  }
});
