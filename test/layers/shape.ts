import { basename, dirname } from 'node:path/posix';
import ts from 'typescript';
import { found } from './places.ts';
import { type Finding, type House, lineOf, type Module } from './source.ts';

/** A file that only passes on what others export hides where things live and pulls whole folders into one import. */
export function noBarrels(house: House): Finding[] {
  return house.modules
    .filter((module) => module.source.statements.some(exportsSomething) && module.source.statements.every(passesOn))
    .map((module) => found(module, 1, 'only re-exports; import from the file that owns it'));
}

function exportsSomething(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement)) return false;
  const clause = statement.exportClause;
  return !clause || !ts.isNamedExports(clause) || clause.elements.length > 0;
}

function passesOn(statement: ts.Statement): boolean {
  return ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
}

/** One name for one thing, wherever it is imported. Tools that demand a default export have a `.config.` file. */
export function noDefaultExports(house: House): Finding[] {
  return house.modules
    .filter((module) => !/\.config\.(ts|js|mjs)$/.test(module.path))
    .flatMap((module) =>
      module.source.statements
        .filter(isDefaultExport)
        .map((statement) => found(module, lineOf(module.source, statement), 'a default export; give it its name')),
    );
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement) && statement.exportClause) {
    const clause = statement.exportClause;
    return ts.isNamedExports(clause)
      ? clause.elements.some((e) => e.name.text === 'default')
      : clause.name.text === 'default';
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) ?? false;
}

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const SUFFIX = /(\.test|\.config|\.d|\.bench)?\.(ts|tsx|js|mjs)$/;
/** Words that say a drawer, not a thing. */
const DRAWERS = new Set([
  'lib',
  'core',
  'common',
  'util',
  'utils',
  'helper',
  'helpers',
  'service',
  'services',
  'manager',
  'managers',
]);

/** Files and folders are kebab-case and say what they hold. */
export function namesSayWhatTheyHold(house: House): Finding[] {
  return house.modules.flatMap((module) => {
    const folders = dirname(module.path)
      .split('/')
      .filter((folder) => folder !== '.');
    const names = [...folders, basename(module.path).replace(SUFFIX, '')];
    return [...names.flatMap((name) => nameFault(module, name)), ...classNames(module)];
  });
}

function nameFault(module: Module, name: string): Finding[] {
  if (!KEBAB.test(name)) return [found(module, 1, `${name} is not kebab-case`)];
  const drawer = name.split('-').find((word) => DRAWERS.has(word));
  return drawer ? [found(module, 1, `"${drawer}" names a drawer; say what is in it`)] : [];
}

function classNames(module: Module): Finding[] {
  return module.source.statements.flatMap((statement) => {
    const named =
      ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    const name = named ? (statement.name?.text ?? '') : '';
    const drawer = /(Service|Manager|Helper|Utils?)$/.test(name);
    return drawer ? [found(module, lineOf(module.source, statement), `${name} names a drawer; say what it does`)] : [];
  });
}
