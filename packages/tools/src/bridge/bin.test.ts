import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { temporaryFolder } from '../../../../test/rig/engine.ts';

const BIN = fileURLToPath(new URL('../../bin/veredus-tools.js', import.meta.url));
const BUNDLED = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const MANIFEST = { name: '@veredus/tools', type: 'module', exports: { './*': './src/*.ts' } };
/** A bridge that says under which process it runs, passes a line on, and ends as told. */
const BRIDGE = `
import { once } from 'node:events';
export async function runStdio({ env, input, output, say }: any): Promise<number> {
  process.on('SIGTERM', () => { say('terminated'); process.exit(5); });
  const [line]: [Buffer] = await once(input, 'data');
  output.write(JSON.stringify({ line: String(line).trim(), url: env.VEREDUS_URL, pid: process.pid }) + '\\n');
  if (env.WAIT) await once(process, 'never');
  return 3;
}
`;
/** Makes this Node look like another release to whatever is loaded after it; the one it starts is itself again. */
const looksLike = (version: string) =>
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;

let root: string;
let tools: string;

beforeEach(async () => {
  root = await temporaryFolder('veredus-bin-');
  tools = join(root, 'packages/tools');
  await mkdir(join(tools, 'bin'), { recursive: true });
  await mkdir(join(tools, 'src/bridge'), { recursive: true });
  await copyFile(BIN, join(tools, 'bin/veredus-tools.js'));
  await writeFile(join(tools, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(join(tools, 'src/bridge/run-stdio.ts'), BRIDGE);
});

afterEach(() => rm(root, { recursive: true }));

async function bringNode(): Promise<void> {
  const bin = join(root, 'node_modules', BUNDLED, 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(process.execPath, join(bin, process.platform === 'win32' ? 'node.exe' : 'node'));
}

/** What `npm pack` does: JavaScript in dist, and a manifest that points there. */
async function build(): Promise<void> {
  await mkdir(join(tools, 'dist/bridge'), { recursive: true });
  await writeFile(join(tools, 'dist/bridge/run-stdio.js'), 'export const runStdio = async () => 4;');
  await writeFile(join(tools, 'package.json'), JSON.stringify({ ...MANIFEST, exports: { './*': './dist/*.js' } }));
}

async function start(version: string | null, args: string[] = [], env: Record<string, string> = {}) {
  const preload = version === null ? [] : ['--import', join(root, 'old.mjs')];
  if (version !== null) await writeFile(join(root, 'old.mjs'), looksLike(version));
  const child = spawn(process.execPath, [...preload, join(tools, 'bin/veredus-tools.js'), ...args], {
    env: { PATH: process.env.PATH, VEREDUS_URL: 'http://127.0.0.1:1', ...env },
  });
  const words = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (words.out += chunk));
  child.stderr.on('data', (chunk) => (words.err += chunk));
  const ended = once(child, 'close').then(([code, signal]) => ({ ...words, code, signal }));
  return { child, ended };
}

async function outcome(...given: Parameters<typeof start>) {
  const { child, ended } = await start(...given);
  // Who refuses has closed its end by then.
  child.stdin.on('error', () => {});
  child.stdin.end('hello\n');
  return ended;
}

describe(verifies('bridge:node', 'from a clone'), () => {
  test('on a Node that is new enough it runs in its own process', async () => {
    const { child, ended } = await start(null);
    child.stdin.end('hello\n');
    const { out, code } = await ended;
    expect(JSON.parse(out)).toEqual({ line: 'hello', url: 'http://127.0.0.1:1', pid: child.pid });
    expect(code).toBe(3);
  });

  test('on Node 20 it hands over to the one in node_modules, with its streams and its settings', async () => {
    await bringNode();
    const { child, ended } = await start('20.20.2');
    child.stdin.end('hello\n');
    const { out, code } = await ended;
    expect(JSON.parse(out)).toMatchObject({ line: 'hello', url: 'http://127.0.0.1:1' });
    expect([JSON.parse(out).pid === child.pid, code]).toEqual([false, 3]);
  });

  test('a signal reaches the one that was handed over to', async () => {
    await bringNode();
    const { child, ended } = await start('20.20.2', [], { WAIT: '1' });
    child.stdin.write('hello\n');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ err: 'veredus-tools: terminated\n', code: 5, signal: null });
  });

  test('where there is none, one sentence says what to do', async () => {
    expect(await outcome('20.20.2')).toEqual({
      out: '',
      err: 'veredus-tools: from a clone it needs Node 24 or newer; this is Node 20.20.2, and npm ci has brought none: run npm ci without --omit=optional.\n',
      code: 1,
      signal: null,
    });
  });
});

test(
  verifies('bridge:node', 'as packed it runs on Node 20 as it is, and says of an older one that it is too old'),
  async () => {
    await build();
    expect(await outcome('20.20.2')).toMatchObject({ err: '', code: 4 });
    const { err, code } = await outcome('18.20.0');
    expect([err, code]).toEqual(['veredus-tools: it needs Node 20 or newer; this is Node 18.20.0.\n', 1]);
  },
);

test('--help says how it is used, on whatever Node; nothing else is taken', async () => {
  for (const args of [['--help'], ['-h']]) {
    const { out, err, code } = await outcome('18.20.0', args);
    expect([err, code]).toEqual(['', 0]);
    expect(out).toMatch(/^Usage: veredus-tools\n/);
    for (const name of ['VEREDUS_URL', 'VEREDUS_AGENT_KEY', 'VEREDUS_MCP_MODE']) expect(out).toContain(name);
  }
  for (const args of [['serve'], ['--help', 'me'], ['--url=x']]) {
    expect(await outcome(null, args)).toMatchObject({ out: '', err: expect.stringMatching(/no arguments/), code: 2 });
  }
});
