import type { Finding, House } from './source.ts';

/** No circle of imports that exist at run time; type-only imports are erased and do not count. */
export function noImportCycles(house: House): Finding[] {
  const known = new Set(house.modules.map((module) => module.path));
  const graph = new Map<string, Set<string>>();
  for (const module of house.modules) {
    const targets = module.imports.filter((edge) => edge.runtime && edge.target !== null && known.has(edge.target));
    graph.set(module.path, new Set(targets.map((edge) => edge.target ?? '')));
  }
  return components(graph)
    .filter((paths) => paths.length > 1 || graph.get(paths[0] ?? '')?.has(paths[0] ?? ''))
    .map((paths) => ({ path: paths[0] ?? '', line: 1, words: `imports in a circle: ${paths.sort().join(', ')}` }));
}

/** Strongly connected components (Tarjan 1972), each with at least one node. */
export function components(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];

  function close(root: string): void {
    const members: string[] = [];
    let node: string | undefined;
    do {
      node = stack.pop() ?? root;
      open.delete(node);
      members.push(node);
    } while (node !== root);
    found.push(members);
  }

  function walk(node: string): number {
    const number = order.size;
    order.set(node, number);
    low.set(node, number);
    stack.push(node);
    open.add(node);
    for (const next of graph.get(node) ?? []) {
      const reach = order.has(next) ? (open.has(next) ? (order.get(next) ?? number) : number) : walk(next);
      low.set(node, Math.min(low.get(node) ?? number, reach));
    }
    if (low.get(node) === number) close(node);
    return low.get(node) ?? number;
  }

  for (const node of graph.keys()) if (!order.has(node)) walk(node);
  return found;
}
