import type { Finding, Import, Module } from './source.ts';

/** The workspace a module belongs to, or null for the root's own folders (test, bench, bin, examples). */
export function workspaceOf(path: string): string | null {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Tests may hold sockets, timers, environment and SQL; they are what drives the seams. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.test\.tsx?$/.test(path);
}

/** What ships: sources of a workspace that are no tests. */
export function isProduct(path: string): boolean {
  return workspaceOf(path) !== null && !isTest(path);
}

const SERVER = 'packages/server/src/';

/** `messages/store.ts` for a module of the server, null for any other. */
export function inServer(path: string): string | null {
  return path.startsWith(SERVER) ? path.slice(SERVER.length) : null;
}

export function isStore(path: string): boolean {
  const inside = inServer(path);
  return inside !== null && (inside.startsWith('db/') || /(^|\/)store(-[a-z0-9-]+)?\.ts$/.test(inside));
}

/** The npm package a specifier names; null for relative imports, Node's modules and URLs. */
export function npmPackage(specifier: string): string | null {
  if (/^[./#]/.test(specifier) || /^[a-z]+:/.test(specifier)) return null;
  const [scope = '', name] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

export function found(module: Module, at: Import | number, words: string): Finding {
  return { path: module.path, line: typeof at === 'number' ? at : at.line, words };
}
