import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { type KeyAddingProxy, keyAddingProxy } from '../rig/key-adding-proxy.ts';
import { toolFile, toolsInstalled } from '../rig/mcp-clients.ts';
import { peer } from '../rig/peers.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { type ExpectedFailure, legacyBaseline, modernBaseline } from './mcp-baseline.ts';
import { verifies } from './promises.ts';

/** The protocol's own conformance tools. They can send no key, so that a proxy on loopback adds it. */
const LEGACY = 'mcp-conformance-legacy/dist/index.js';
const MODERN = 'mcp-conformance-modern/dist/index.js';
const withTools = peer('the MCP conformance tools in test/clients', () => toolsInstalled(LEGACY, MODERN));

const run = promisify(execFile);

let folder: string;
let server: RunningServer;
let proxy: KeyAddingProxy;

beforeAll(async () => {
  if (!toolsInstalled(LEGACY, MODERN)) return;
  folder = await temporaryFolder('veredus-mcp-conformance-');
  server = await startServer(folder);
  proxy = await keyAddingProxy(server.url, server.credentials.agent_key);
});

afterAll(async () => {
  await proxy?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
}

/** Every check the tool made of one scenario. Its exit code says no more than whether all passed. */
async function checksOf(tool: string, scenario: string, ...more: string[]): Promise<Check[]> {
  const results = join(folder, `${tool.split('/')[0]}-${scenario}`);
  await mkdir(results);
  const args = ['server', '--url', `${proxy.url}/mcp`, '--scenario', scenario, '-o', results, ...more];
  await run(process.execPath, [toolFile(tool), ...args], { cwd: folder, timeout: 60_000 }).catch((error) => {
    if (error.code !== 1) throw error;
  });
  const files = (await readdir(results, { recursive: true })).filter((path) => path.endsWith('checks.json'));
  expect(files.length).toBe(1);
  return JSON.parse(await readFile(join(results, files[0] ?? ''), 'utf8'));
}

function holdTo(baseline: readonly ExpectedFailure[], scenario: string, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING').map(({ id }) => id);
  const expected = baseline.filter((one) => one.scenario === scenario).map(({ check }) => check);
  expect(failed.sort()).toEqual(expected.sort());
  expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(0);
}

for (const scenario of ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection']) {
  withTools(verifies('mcp:conformance', `the older era: ${scenario}`), async () => {
    holdTo(legacyBaseline, scenario, await checksOf(LEGACY, scenario));
  });
}

for (const scenario of [
  'server-stateless',
  'tools-list',
  'caching',
  'http-header-validation',
  'dns-rebinding-protection',
]) {
  withTools(verifies('mcp:conformance', `the newer era: ${scenario}`), async () => {
    holdTo(modernBaseline, scenario, await checksOf(MODERN, scenario, '--spec-version', '2026-07-28'));
  });
}
