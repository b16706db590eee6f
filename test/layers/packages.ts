import { builtinModules } from 'node:module';
import { found, isProduct, isTest, npmPackage, workspaceOf } from './places.ts';
import type { Finding, House, Import, Manifest, Module } from './source.ts';

/**
 * Who may import whom between workspaces. `npm` lists the packages a workspace is held to (absent: whatever its manifest
 * declares); `node` says whether it may use Node's own modules: contract must also run in a browser.
 */
const WORKSPACES: Readonly<Record<string, { may: readonly string[]; npm?: readonly string[]; node: boolean }>> = {
  contract: { may: [], npm: ['zod'], node: false },
  protocols: { may: [], npm: [], node: true },
  tools: { may: ['contract/'], node: true },
  server: { may: ['contract/', 'protocols/', 'tools/'], node: true },
  console: { may: ['contract/', 'protocols/gsm/'], node: false },
};

/** Workspaces import each other downwards only, and reach each other by name, never by a path that climbs out. */
export function importsDownBetweenPackages(house: House): Finding[] {
  return house.modules.flatMap((module) => {
    const own = workspaceOf(module.path);
    if (!own) return [];
    const rule = WORKSPACES[own];
    if (!rule) return [found(module, 1, `there are five workspaces, and ${own} is not one of them`)];
    return module.imports.flatMap((edge) => {
      const fault = edgeFault(module, own, rule, edge);
      return fault ? [found(module, edge, fault)] : [];
    });
  });
}

function edgeFault(module: Module, own: string, rule: (typeof WORKSPACES)[string], edge: Import): string | null {
  if (edge.target !== null) return workspaceFault(module, own, rule.may, edge);
  if (isTest(module.path)) return null;
  const name = npmPackage(edge.specifier);
  if (name === null || builtinModules.includes(edge.specifier)) {
    return rule.node ? null : `${own} must run in a browser too: no ${edge.specifier}`;
  }
  return rule.npm && !rule.npm.includes(name)
    ? `${own} may use ${rule.npm.join(', ') || 'no npm package'}, not ${name}`
    : null;
}

function workspaceFault(module: Module, own: string, may: readonly string[], edge: Import): string | null {
  const target = edge.target ?? '';
  const other = workspaceOf(target);
  if (other === own) return null;
  if (other === null)
    return isTest(module.path) && target.startsWith('test/') ? null : `${edge.specifier} climbs out of ${own}`;
  if (edge.specifier.startsWith('.')) return `reach ${other} as @veredus/${other}/..., not by a path`;
  const inside = target.replace(/^packages\/([a-z]+)\/src\//, '$1/');
  return may.some((prefix) => inside.startsWith(prefix)) ? null : `${own} may not import ${inside}`;
}

/**
 * Every npm package a workspace imports stands in that workspace's own manifest: npm hoists, so a missing line works
 * here and fails for whoever installs the package alone. Tests may also use what the root declares.
 */
export function declaresWhatItImports(house: House): Finding[] {
  return house.modules.flatMap((module) => {
    const declared = declaredFor(module.path, house.manifests);
    return module.imports.flatMap((edge) => {
      const name = npmPackage(edge.specifier);
      if (name === null || builtinModules.includes(edge.specifier) || declared.has(name)) return [];
      if (!edge.runtime && declared.has(`@types/${name}`)) return [];
      return [found(module, edge, `${name} is not declared in the package.json that governs this file`)];
    });
  });
}

/** Folders with a manifest of their own, beside the workspaces. */
const INSTALLED_APART = ['test/clients', 'examples'];

function declaredFor(path: string, manifests: House['manifests']): Set<string> {
  const workspace = workspaceOf(path);
  const apart = INSTALLED_APART.find((folder) => path.startsWith(`${folder}/`));
  const folder = apart ?? (workspace ? `packages/${workspace}` : '');
  const names = declared(manifests.get(folder), !isProduct(path));
  if (isTest(path)) for (const name of declared(manifests.get(''), true)) names.add(name);
  return names;
}

function declared(manifest: Manifest | undefined, withDev: boolean): Set<string> {
  const tables = [manifest?.dependencies, manifest?.optionalDependencies, manifest?.peerDependencies];
  if (withDev) tables.push(manifest?.devDependencies);
  return new Set([manifest?.name ?? '', ...tables.flatMap((table) => Object.keys(table ?? {}))]);
}
