import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { type RunningServer, startServer } from '../rig/server.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const withSdks = peer('the broker SDK (npm ci --prefix examples)', () =>
  existsSync(join(EXAMPLES, 'node_modules/@composio/core/package.json')),
);

interface Ran {
  code: number;
  output: string;
}

/** Runs an example as its reader would, with these variables and no other. */
function run(file: string, cwd: string, env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env.PATH ?? '', ...env }, timeout: 60_000 };
    execFile(process.execPath, [join(EXAMPLES, file)], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

describe('examples', () => {
  let folder: string;
  let server: RunningServer;

  beforeAll(async () => {
    folder = await temporaryFolder('veredus-examples-');
    server = await startServer(folder);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const variables = () => ({
    VEREDUS_URL: server.url,
    VEREDUS_BROKER_KEY: server.credentials.broker_key,
    VEREDUS_USERNAME: server.credentials.username,
    VEREDUS_API_KEY: server.credentials.api_key,
  });

  /** Everything it says is right, none of it is a secret, and nothing is left or was sent. */
  async function expectSound({ code, output }: Ran): Promise<void> {
    expect(code, output).toBe(0);
    expect(output).toMatch(/\nDone\.\n$/);
    expect(output).not.toContain('not ok');
    const { broker_key, api_key, password } = server.credentials;
    for (const secret of [broker_key, api_key, password]) expect(output).not.toContain(secret);
    expect((await server.call('GET', '/v3/sms/history')).body.data.total).toBe(0);
    const lists: { list_name: string }[] = (await server.call('GET', '/v3/lists')).body.data.data;
    expect(lists.filter(({ list_name }) => /^(From a|Rye)/.test(list_name))).toEqual([]);
  }

  const sdks = ['openai-tools.mjs', 'anthropic-tools.mjs', 'vercel-ai.mjs', 'langchain.mjs'];
  for (const file of sdks) {
    withSdks(
      verifies('tools:examples', `${file} runs`),
      async () => expectSound(await run(file, folder, variables())),
      90_000,
    );
  }

  test(
    verifies('tools:examples', 'campaign-agent.mjs runs with nothing installed, by the file of the first start'),
    async () => {
      await mkdir(join(folder, '.veredus'));
      await copyFile(join(folder, 'data/credentials.json'), join(folder, '.veredus/credentials.json'));
      await expectSound(await run('campaign-agent.mjs', folder, {}));
    },
  );

  test('one that meets something else than it expects ends with 1 and says so', async () => {
    const ran = await run('campaign-agent.mjs', folder, { ...variables(), VEREDUS_BROKER_KEY: 'no-such-key' });
    expect(ran.code).toBe(1);
    expect(ran.output).toContain('401');
    const lost = await run('campaign-agent.mjs', EXAMPLES, {});
    expect(lost.code).toBe(1);
    expect(lost.output).toContain('Set VEREDUS_URL and VEREDUS_BROKER_KEY');
  });
});
