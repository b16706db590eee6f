import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Citation {
  readonly id: string;
  readonly path: string;
}

/** Where a citation counts: what vitest runs, and what `npm run faults` runs. */
const PLACES = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'test/faults/**/*.ts'];
const CITED = /\[([a-z0-9-]+:[A-Za-z0-9-]+)\]/g;
const RUNNERS = /^(test|it|describe)(\.|$)/;
const NOT_RUN = /\.(skip|todo)\b/;

export function readCitations(root: string): Citation[] {
  const paths = globSync(PLACES, { cwd: root, exclude: ['**/node_modules/**'] });
  return paths.flatMap((path) => citationsIn(path, readFileSync(join(root, path), 'utf8')));
}

/**
 * Ids cited by the tests of one file: arguments of `verifies(...)` and `[id]` in the title of a test or describe.
 * A title under `skip` or `todo` proves nothing and is left out.
 */
export function citationsIn(path: string, text: string): Citation[] {
  const ids = new Set<string>();
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const walk = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText(source);
      if (NOT_RUN.test(called) && RUNNERS.test(called)) return;
      for (const id of cited(called, node.arguments)) ids.add(id);
    }
    ts.forEachChild(node, walk);
  };
  walk(source);
  return [...ids].map((id) => ({ id, path }));
}

function cited(called: string, args: ts.NodeArray<ts.Expression>): string[] {
  if (called === 'verifies') {
    return args.slice(0, -1).flatMap((arg) => (ts.isStringLiteralLike(arg) ? [arg.text] : []));
  }
  const [title] = args;
  if (!RUNNERS.test(called) || !title) return [];
  const words = ts.isStringLiteralLike(title) || ts.isTemplateExpression(title) ? title.getText() : '';
  return [...words.matchAll(CITED)].map((match) => match[1] ?? '');
}
