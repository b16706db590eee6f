import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));

/** A command at the command line, beside a server that `startServer` started in the folder. */
export function veredus(
  folder: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', VEREDUS_DATA_DIR: join(folder, 'data') };
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (out += chunk));
    child.on('exit', (code) => resolve({ code, out }));
    child.stdin.end(input);
  });
}
