import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';

/** One import, re-export or dynamic import, as written. */
export interface Import {
  readonly specifier: string;
  /** False for `import type` and `export type`, which vanish when types are stripped. `import { type A }` does not. */
  readonly runtime: boolean;
  /** Names taken from it, as the other module calls them; empty for `import 'x'`, `*` for a namespace or a dynamic import. */
  readonly names: readonly string[];
  readonly line: number;
  /** Path of the module meant, from the repository's root; null for npm packages and Node's own modules. */
  readonly target: string | null;
}

export interface Module {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly source: ts.SourceFile;
  readonly imports: readonly Import[];
}

export interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Everything the rules look at: the parsed modules, and each manifest under the folder it governs ('' is the root). */
export interface House {
  readonly modules: readonly Module[];
  readonly manifests: ReadonlyMap<string, Manifest>;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly words: string;
}

export type Rule = (house: House) => Finding[];

/** Where modules are looked for; node_modules never count. */
const PLACES = ['*.{ts,js}', '{bin,bench,examples,test}/**/*.{ts,tsx,js,mjs}', 'packages/*/src/**/*.{ts,tsx,js}'];
const MANIFESTS = ['package.json', 'packages/*/package.json', '{test/clients,examples}/package.json'];

export function readHouse(root: string): House {
  const find = (patterns: string[]) => globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] });
  const read = (path: string) => [path, readFileSync(join(root, path), 'utf8')] as const;
  return houseOf(Object.fromEntries([...find(PLACES), ...find(MANIFESTS)].sort().map(read)));
}

/** The same from texts in memory, which is how each rule is shown to bite. Keys are paths from the root. */
export function houseOf(files: Readonly<Record<string, string>>): House {
  const manifests = new Map<string, Manifest>();
  const modules: Module[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('package.json')) manifests.set(path.replace(/\/?package\.json$/, ''), JSON.parse(text));
    else modules.push(parseModule(path, text));
  }
  return { modules, manifests };
}

export function parseModule(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  visit(source, (node) => {
    const found = importOf(node);
    if (!found) return;
    const [specifier, runtime, names] = found;
    imports.push({ specifier, runtime, names, line: lineOf(source, node), target: resolve(path, specifier) });
  });
  return { path, source, imports };
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

type Found = [specifier: string, runtime: boolean, names: string[]];

function importOf(node: ts.Node): Found | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return [node.moduleSpecifier.text, !isTypeOnly(node.importClause), importedNames(node.importClause)];
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.exportClause;
    const names =
      clause && ts.isNamedExports(clause) ? clause.elements.map((e) => (e.propertyName ?? e.name).text) : ['*'];
    return [node.moduleSpecifier.text, !node.isTypeOnly, names];
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return [node.argument.literal.text, false, ['*']];
  }
  if (ts.isCallExpression(node)) return dynamicImport(node);
  return null;
}

/** `import('x')` and `require('x')`; a computed specifier cannot be judged and is left to review. */
function dynamicImport(call: ts.CallExpression): Found | null {
  const [first] = call.arguments;
  const loads = call.expression.kind === ts.SyntaxKind.ImportKeyword || call.expression.getText() === 'require';
  return loads && first && ts.isStringLiteralLike(first) ? [first.text, true, ['*']] : null;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  const names = clause?.name ? ['default'] : [];
  const bindings = clause?.namedBindings;
  if (!bindings) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, '*'];
  return [...names, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

function resolve(from: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const own = /^@veredus\/([a-z]+)\/(.+)$/.exec(specifier);
  return own ? `packages/${own[1]}/src/${own[2]}.ts` : null;
}
