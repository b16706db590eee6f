import ts from 'typescript';
import { found, inServer, isProduct, isStore, workspaceOf } from './places.ts';
import { roomOf } from './rooms.ts';
import { type Finding, type House, lineOf, type Module, visit } from './source.ts';

/** The one file that makes the system's clock and randomness. */
const SYSTEM = 'packages/server/src/system.ts';
const CONFIG = 'packages/server/src/config.ts';

const CLOCKS = new Set(['Date.now', 'Math.random', 'performance.now', 'process.hrtime', 'AbortSignal.timeout']);
const TIMERS = new Set(['setTimeout', 'setInterval']);
const TIMER_MODULES = /^(node:)?(timers|timers\/promises|perf_hooks)$/;
const RANDOM = new Set(['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues']);

/** Time and chance come from outside: the same seam serves tests, the fault rig and the sandbox's time travel. */
export function clockAndChanceArePassedIn(house: House): Finding[] {
  return product(house)
    .filter((module) => module.path !== SYSTEM && workspaceOf(module.path) !== 'console')
    .flatMap((module) => [
      ...module.imports
        .filter((edge) => edge.runtime && TIMER_MODULES.test(edge.specifier))
        .map((edge) => found(module, edge, `${edge.specifier} is a clock; take a Clock instead`)),
      ...search(module, (node) => {
        const name = clockIn(node);
        return name ? `${name}: take a Clock or a Random instead` : null;
      }),
    ]);
}

function clockIn(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^globalThis\./, '');
    if (CLOCKS.has(text) || (TIMERS.has(text) && node.expression.getText() === 'globalThis')) return text;
  }
  if (!ts.isIdentifier(node)) return null;
  if (RANDOM.has(node.text) && !isDeclared(node)) return node.text;
  return TIMERS.has(node.text) && !isMember(node) ? node.text : null;
}

/** `x.setTimeout` and `{ setTimeout: ... }` are somebody else's, e.g. a socket's idle limit. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) || isDeclared(node);
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

/** The environment is read once, by config, where each setting has a type, a default and a sentence. */
export function environmentOnlyInConfig(house: House): Finding[] {
  return product(house)
    .filter((module) => module.path !== CONFIG)
    .flatMap((module) => [
      ...module.imports
        .filter((edge) => /^(node:)?process$/.test(edge.specifier) && edge.names.includes('env'))
        .map((edge) => found(module, edge, 'the environment is read in config.ts')),
      ...search(module, (node) => (readsEnvironment(node) ? 'the environment is read in config.ts' : null)),
    ]);
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    return /^(globalThis\.)?process(\??\.env|(\?\.)?\[['"`]env['"`]\])$/.test(node.getText());
  }
  const takesApart = ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name);
  return takesApart && node.initializer?.getText() === 'process' && /\benv\b/.test(node.name.getText());
}

const SOCKETS = /^((node:)?(net|tls|http|https|http2|dgram)|undici|ws)$/;
const SOCKET_ROOMS = new Set(['http', 'carriers', 'sandbox', 'doors', 'outbound', 'db']);

/** Sockets open in six rooms; everybody else is given what it talks to. A type-only import opens nothing. */
export function socketsOnlyInTheirRooms(house: House): Finding[] {
  return product(house)
    .filter((module) => !SOCKET_ROOMS.has(roomOf(module.path) ?? ''))
    .flatMap((module) => [
      ...module.imports
        .filter((edge) => edge.runtime && SOCKETS.test(edge.specifier))
        .map((edge) => found(module, edge, `${edge.specifier}: sockets live in ${[...SOCKET_ROOMS].join(', ')}`)),
      ...(inServer(module.path) ? search(module, fetches) : []),
    ]);
}

function fetches(node: ts.Node): string | null {
  const calls = ts.isCallExpression(node) && /^(globalThis\.)?fetch$/.test(node.expression.getText());
  return calls ? 'fetch opens a socket; requests leave through outbound/' : null;
}

/** Starts of statements as one writes them; prose rarely begins so. */
const QUERY =
  /^\s*(select\s[\s\S]*\sfrom\s|select\s+\w+\(|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|index|role|schema|view|policy)\s|truncate\s)/i;
const BUILDERS = new Set(['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto']);

/** SQL is written in store.ts, store-*.ts and db/, and nowhere else. */
export function sqlOnlyInStores(house: House): Finding[] {
  return product(house)
    .filter((module) => !isStore(module.path))
    .flatMap((module) => [
      ...module.imports
        .filter((edge) => /^pg(-|$)/.test(edge.specifier) || (edge.specifier === 'kysely' && edge.runtime))
        .map((edge) => found(module, edge, `${edge.specifier}: SQL lives in store.ts and db/`)),
      ...search(module, (node) => (isQuery(node) ? 'a query outside store.ts and db/' : null)),
    ]);
}

function isQuery(node: ts.Node): boolean {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return node.expression.name.text === 'query';
  if (ts.isPropertyAccessExpression(node)) return BUILDERS.has(node.name.text);
  if (ts.isTemplateExpression(node)) return QUERY.test(node.getText().slice(1));
  return ts.isStringLiteralLike(node) && QUERY.test(node.text);
}

const DATABASE_CLOCK =
  /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\b(current_timestamp|localtimestamp)\b/i;

/** A store compares with the clock it was handed; the database's own would undo time travel. */
export function storesAskNoDatabaseClock(house: House): Finding[] {
  return product(house)
    .filter((module) => isStore(module.path) && roomOf(module.path) !== 'db')
    .flatMap((module) =>
      search(module, (node) => {
        const text = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
        return text && DATABASE_CLOCK.test(node.text) ? 'the clock is a parameter, never the database' : null;
      }),
    );
}

/** Nothing in the server happens because a file was imported, main excepted: no calls, no top-level await. */
export function onlyMainActsOnImport(house: House): Finding[] {
  return product(house)
    .filter((module) => inServer(module.path) !== null && inServer(module.path) !== 'main.ts')
    .flatMap((module) =>
      module.source.statements
        .filter((statement) => acts(statement))
        .map((statement) => found(module, lineOf(module.source, statement), 'acts on import; only main.ts may')),
    );
}

/** A loop that fills a table in memory acts on nothing outside and may stay. */
function acts(statement: ts.Statement): boolean {
  if (ts.isExpressionStatement(statement) || ts.isTryStatement(statement)) return true;
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  return declarations.some(({ initializer }) => initializer && ts.isAwaitExpression(initializer));
}

function product(house: House): Module[] {
  return house.modules.filter((module) => isProduct(module.path));
}

function search(module: Module, judge: (node: ts.Node) => string | null): Finding[] {
  const findings: Finding[] = [];
  visit(module.source, (node) => {
    const words = judge(node);
    if (words) findings.push(found(module, lineOf(module.source, node), words));
  });
  return findings;
}
