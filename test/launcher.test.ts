import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../bin/veredus.js', import.meta.url));
const BUNDLED = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** A main that says what it was given, reports signals, and ends as told. */
const MAIN = `
const [command, ...args]: string[] = process.argv.slice(2);
if (command === 'exit') process.exit(Number(args[0]));
if (command === 'die') process.kill(process.pid, 'SIGKILL');
if (command === 'args') console.log(JSON.stringify({ args, node: process.versions.node, pid: process.pid }));
if (command === 'wait') {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(7); });
  setInterval(() => {}, 1000);
  console.log('waiting');
}
`;

/** Makes this Node look like release 20 to whatever is loaded after it; the one it starts is itself again. */
const OLD_NODE = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'veredus-launcher-'));
  const files = { 'packages/server/src/main.ts': MAIN, 'package.json': '{"type":"module"}', 'old.mjs': OLD_NODE };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'bin'));
  await copyFile(LAUNCHER, join(root, 'bin/veredus.js'));
});

afterEach(() => rm(root, { recursive: true }));

async function bringNode(): Promise<void> {
  await mkdir(join(root, 'node_modules', BUNDLED, 'bin'), { recursive: true });
  await symlink(
    process.execPath,
    join(root, 'node_modules', BUNDLED, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  );
}

function launch(age: 'old' | 'new', ...args: string[]): ChildProcess {
  const preload = age === 'old' ? ['--import', join(root, 'old.mjs')] : [];
  return spawn(process.execPath, [...preload, join(root, 'bin/veredus.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outcome(
  child: ChildProcess,
): Promise<{ out: string; err: string; code: number | null; signal: string | null }> {
  const words = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => (words.out += chunk));
  child.stderr?.on('data', (chunk) => (words.err += chunk));
  const [code, signal] = await once(child, 'close');
  return { ...words, code, signal };
}

describe('the launcher', () => {
  test('runs main in its own process where Node is new enough', async () => {
    const child = launch('new', 'args', 'one', '--two=3 4');
    const said = JSON.parse((await outcome(child)).out);
    expect(said).toEqual({ args: ['one', '--two=3 4'], node: process.versions.node, pid: child.pid });
  });

  test('hands over to the Node in node_modules where it is too old', async () => {
    await bringNode();
    const child = launch('old', 'args', 'one', '--two=3 4');
    const said = JSON.parse((await outcome(child)).out);
    expect(said).toMatchObject({ args: ['one', '--two=3 4'], node: process.versions.node });
    expect(said.pid).not.toBe(child.pid);
  });

  test('with neither, one sentence says what to do', async () => {
    const { out, err, code } = await outcome(launch('old', 'args'));
    expect([out, code]).toEqual(['', 1]);
    expect(err.trim().split('\n')).toEqual([
      `Veredus needs Node 24 or newer; this is Node 20.20.2, and ${BUNDLED} is not in node_modules: run npm ci without --omit=optional, or install Node 24 from https://nodejs.org.`,
    ]);
  });

  test.each(['old', 'new'] as const)('%s Node: ends with the exit code of main, or by its signal', async (age) => {
    await bringNode();
    expect(await outcome(launch(age, 'exit', '3'))).toMatchObject({ code: 3, signal: null });
    expect(await outcome(launch(age, 'die'))).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on, once, and waits for the end', async (signal) => {
    await bringNode();
    const child = launch('old', 'wait');
    const ended = outcome(child);
    if (child.stdout) await once(child.stdout, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ out: expect.stringContaining(signal), code: 7, signal: null });
  });
});

test('the launcher is written in what Node 12.20 can parse', async () => {
  const { createSourceFile, ScriptTarget, forEachChild, SyntaxKind } = await import('typescript');
  const { readFile } = await import('node:fs/promises');
  const source = createSourceFile('veredus.js', await readFile(LAUNCHER, 'utf8'), ScriptTarget.ESNext, true);
  const newer: string[] = [];
  const visit = (node: import('typescript').Node): void => {
    const kinds = [
      SyntaxKind.QuestionDotToken,
      SyntaxKind.QuestionQuestionToken,
      SyntaxKind.QuestionQuestionEqualsToken,
      SyntaxKind.AwaitExpression,
      SyntaxKind.PrivateIdentifier,
    ];
    if (kinds.includes(node.kind)) newer.push(node.parent.getText());
    forEachChild(node, visit);
  };
  visit(source);
  expect(newer).toEqual([]);
});
