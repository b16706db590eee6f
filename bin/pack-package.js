// Run by `npm pack` in packages/contract and packages/tools. In this repository they are TypeScript, run as it stands; Node
// strips no types below node_modules, so what is published is JavaScript. `prepare` (before packing) builds dist/ and points
// the manifest there; `restore` (after it) takes both back. Plain JavaScript for Node 20, which npm may run on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const LICENSE = fileURLToPath(new URL('../LICENSE', import.meta.url));
/** When npm breaks off between the two there is no `restore`; then it is done after so long. */
const GUARD_MS = 60_000;
const LOOK_MS = 250;

const at = (name) => join(process.cwd(), name);
const KEPT = at('package.json.unpacked');

async function prepare() {
  await restore();
  await build();
  await copyFile(LICENSE, at('LICENSE'));
  const manifest = JSON.parse(await readFile(at('package.json'), 'utf8'));
  const { scripts: _, ...published } = manifest;
  published.exports = { './*': { types: './dist/*.d.ts', default: './dist/*.js' } };
  // Last, when nothing can fail any more but this.
  await copyFile(at('package.json'), KEPT);
  await write(at('package.json'), `${JSON.stringify(published, null, 2)}\n`);
  spawn(process.execPath, [fileURLToPath(import.meta.url), 'guard'], { detached: true, stdio: 'ignore' }).unref();
}

async function restore() {
  if (existsSync(KEPT)) await rename(KEPT, at('package.json'));
  await rm(at('dist'), { recursive: true, force: true });
  await rm(at('LICENSE'), { force: true });
}

async function guard() {
  for (let waited = 0; waited < GUARD_MS; waited += LOOK_MS) {
    if (!existsSync(KEPT)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  if (existsSync(KEPT)) await restore();
}

/** Every source but the tests as JavaScript and its types, file by file: what does not fit together is for `npm run types`. */
async function build() {
  const { default: ts } = await import('typescript');
  const sources = (await readdir(at('src'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const program = ts.createProgram(sources, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    strict: true,
    declaration: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
  });
  const written = [];
  for (const source of sources) {
    const file = program.getSourceFile(source);
    const { emitSkipped } = program.emit(file, (path, text) => {
      written.push([join(at('dist'), relative(at('src'), path)), text]);
    });
    if (emitSkipped || program.getSyntacticDiagnostics(file).length > 0) throw new Error(`${source} cannot be built.`);
  }
  for (const [path, text] of written) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith('.d.ts') ? ofTypes(text) : text);
  }
}

/** The compiler rewrites imports in JavaScript only. */
function ofTypes(text) {
  return text.replace(/((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2');
}

/** Whole or not at all. */
async function write(path, text) {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

const steps = { prepare, restore, guard };
const step = steps[process.argv[2]];
if (!step) throw new Error(`pack-package.js takes ${Object.keys(steps).join(', ')}`);
await step();
