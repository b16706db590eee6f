import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { connectClient, officialClients, withMcpClients } from '../rig/mcp-clients.ts';
import { DOOR_KEY, type McpDoor, openMcpDoor } from '../rig/mcp-door.ts';

/** What `npm pack` makes of the published packages, installed where nothing else is. A copy is packed: this tree is in use. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PUBLISHED = ['contract', 'tools'] as const;
const MINUTES_2 = 120_000;
const run = promisify(execFile);

let folder: string;
let stage: string;
let installed: string;
const tarballs: string[] = [];
let door: McpDoor;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-pack-');
  stage = join(folder, 'stage');
  installed = join(folder, 'installed');
  for (const part of ['bin', 'LICENSE', 'package.json', ...PUBLISHED.map((name) => `packages/${name}`)]) {
    await cp(join(ROOT, part), join(stage, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(stage, 'node_modules'));
  for (const name of PUBLISHED) tarballs.push(await pack(join(stage, 'packages', name)));
  const outside = await outsideOf(join(stage, 'packages/tools'));
  const others = await Promise.all(outside.map((path) => pack(path, '--ignore-scripts')));
  await mkdir(installed);
  await writeFile(join(installed, 'package.json'), '{"private":true}');
  await npm(installed, 'install', '--offline', '--no-audit', '--no-fund', ...tarballs, ...others);
  door = await openMcpDoor();
}, MINUTES_2);

afterAll(async () => {
  await door?.close();
  await rm(folder, { recursive: true, force: true });
});

/** npm as it comes with the Node of the machine. Its cache is the machine's, its settings are none. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, timeout: 60_000, maxBuffer: 8 * 1024 * 1024 });
  return stdout;
}

async function pack(path: string, ...more: string[]): Promise<string> {
  const [packed] = JSON.parse(await npm(path, 'pack', '--json', '--pack-destination', folder, ...more).then(lastJson));
  return join(folder, packed.filename);
}

/** Scripts may print before npm's own answer. */
const lastJson = (text: string): string => text.slice(text.indexOf('[\n'));

/** Other people's packages that ours need, and those that these need: from node_modules, so that no registry is asked. */
async function outsideOf(path: string, found: string[] = []): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies).filter((one) => !one.startsWith('@veredus/'))) {
    const folders = createRequire(join(path, 'package.json')).resolve.paths(name) ?? [];
    const places = await Promise.all(
      folders.map((place) =>
        readdir(join(place, name)).then(
          () => join(place, name),
          () => null,
        ),
      ),
    );
    const place = places.find((one) => one !== null);
    if (!place) throw new Error(`${name} is not installed`);
    if (found.includes(place)) continue;
    found.push(place);
    await outsideOf(place, found);
  }
  return found;
}

/** The Node this runs on, and, where the machine has one, Node 20. */
async function nodes(): Promise<[version: string, path: string][]> {
  const all: [string, string][] = [[process.versions.node, process.execPath]];
  for (const place of (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))) {
    const said = await run(join(place, 'node'), ['-p', 'process.versions.node']).catch(() => null);
    const version = said?.stdout.trim() ?? '';
    if (/^20\./.test(version) && all.length < 2) all.push([version, join(place, 'node')]);
  }
  return all;
}

test(verifies('pack:runs', 'the tarballs hold JavaScript, types, a licence and no test'), async () => {
  for (const tarball of tarballs) {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    expect(files).toEqual(expect.arrayContaining(['package/package.json', 'package/README.md', 'package/LICENSE']));
    expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$|^package\/src/.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.js')).length).toBeGreaterThan(20);
    const { stdout: manifest } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
    expect(JSON.parse(manifest)).toMatchObject({ exports: { './*': { default: './dist/*.js' } } });
    expect(JSON.parse(manifest)).not.toHaveProperty('scripts');
    expect(JSON.parse(manifest)).not.toHaveProperty('private');
  }
});

test(verifies('pack:runs', 'packing leaves the sources as they were'), async () => {
  for (const name of PUBLISHED) {
    const [before, after] = await Promise.all(
      [ROOT, stage].map((root) => readFile(join(root, 'packages', name, 'package.json'), 'utf8')),
    );
    expect(after).toBe(before);
    expect((await readdir(join(stage, 'packages', name))).sort()).toEqual(
      (await readdir(join(ROOT, 'packages', name))).filter((entry) => entry !== 'node_modules').sort(),
    );
  }
});

test(verifies('pack:runs', 'nor does packing that breaks off: what is left is put right by the next'), async () => {
  const copy = join(stage, 'packages/contract');
  const script = join(stage, 'bin/pack-package.js');
  const before = await readFile(join(copy, 'package.json'), 'utf8');
  const step = (name: string) => run(process.execPath, [script, name], { cwd: copy });
  const manifest = () => readFile(join(copy, 'package.json'), 'utf8');
  // Sources that cannot be built: nothing has been touched yet.
  await writeFile(join(copy, 'src/broken.ts'), 'export const { = ;');
  await expect(step('prepare')).rejects.toThrow('broken.ts cannot be built');
  await rm(join(copy, 'src/broken.ts'));
  expect(await manifest()).toBe(before);
  // Killed between the two, and packed again.
  await step('prepare');
  await step('prepare');
  expect(await manifest()).toContain('./dist/*.js');
  await step('restore');
  expect(await manifest()).toBe(before);
});

describe.each(await nodes())('on Node %s', (_version, node) => {
  const bin = () => join(installed, 'node_modules/.bin/veredus-tools');

  test(verifies('pack:runs', 'every module can be imported by its name'), async () => {
    for (const name of PUBLISHED) {
      const dist = join(installed, 'node_modules/@veredus', name, 'dist');
      const modules = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.js'));
      const names = modules.map((file) => `@veredus/${name}/${file.slice(0, -3).replaceAll('\\', '/')}`);
      const program = `for (const name of ${JSON.stringify(names)}) await import(name); console.log('all');`;
      const { stdout } = await run(node, ['--input-type=module', '-e', program], { cwd: installed });
      expect(stdout).toBe('all\n');
    }
  });

  test('without settings it says which are missing, and nothing on standard output', async () => {
    const failed = await run(node, [bin()], { env: { PATH: process.env.PATH } }).catch((error) => error);
    expect([failed.code, failed.stdout]).toEqual([2, '']);
    expect(failed.stderr).toMatch(/^veredus-tools: VEREDUS_URL is not set/);
    const { stdout } = await run(node, [bin(), '--help']);
    expect(stdout).toMatch(/^Usage: veredus-tools/);
  });

  for (const which of officialClients) {
    withMcpClients(verifies('pack:runs', `${which} lists and calls over stdio`), async () => {
      const env = { PATH: process.env.PATH ?? '', VEREDUS_URL: door.url, VEREDUS_AGENT_KEY: DOOR_KEY };
      const client = await connectClient(which, { command: node, args: [bin()], env });
      expect((await client.listTools()).tools.length).toBeGreaterThan(20);
      const { structuredContent } = await client.callTool({ name: 'CLICKSEND_GET_ACCOUNT', arguments: {} });
      expect(structuredContent).toMatchObject({ successful: true });
      await client.close();
    });
  }
});
