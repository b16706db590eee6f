import { components } from './cycles.ts';
import { found, inServer, isProduct } from './places.ts';
import type { Finding, House, Import, Module } from './source.ts';

/**
 * The rooms of server/src, top floor first. A room imports from its own floor and those below, and never in a circle.
 * `ground` is every file that lies directly in src, except main and build. A new folder needs a line here.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['main'],
  ['commands'],
  ['build'],
  ['http'],
  ['agents', 'connections'],
  ['campaigns', 'inbound', 'imports', 'doors', 'history', 'receipts', 'rules', 'statistics', 'files'],
  ['channels'],
  ['messages'],
  [
    ...['pricing', 'accounts', 'ledger', 'suppression', 'policy', 'senders'],
    ...['lists', 'templates', 'links', 'audit', 'events', 'outbound', 'webhooks', 'esmes', 'numbers'],
  ],
  ['db'],
  ['ground'],
];

/** Rooms beside the staircase: how messages leave, and the pretend world. Only build and those above open them. */
const ANNEXES: Readonly<Record<string, readonly string[]>> = {
  carriers: ['ground', 'outbound'],
  sandbox: ['ground'],
};

const FLOOR_OF = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

/** Annexes lie below everything for those who may open them. */
function floorOf(room: string): number {
  return FLOOR_OF.get(room) ?? FLOORS.length;
}

export function roomOf(path: string): string | null {
  const inside = inServer(path);
  if (inside === null) return null;
  const [first = '', ...rest] = inside.split('/');
  if (rest.length > 0) return first;
  return first === 'main.ts' || first === 'build.ts' ? first.slice(0, -3) : 'ground';
}

/** Imports inside the server point down only. */
export function importsDownBetweenRooms(house: House): Finding[] {
  return serverProduct(house).flatMap((module) => {
    const room = roomOf(module.path) ?? '';
    if (!FLOOR_OF.has(room) && !(room in ANNEXES))
      return [found(module, 1, `${room}/ has no floor in test/layers/rooms.ts`)];
    return module.imports.flatMap((edge) => {
      const other = edge.target === null ? null : roomOf(edge.target);
      if (other === null || other === room || mayImport(module, room, edge, other)) return [];
      return [found(module, edge, `${room} may not import ${other} (${edge.specifier})`)];
    });
  });
}

function mayImport(module: Module, room: string, edge: Import, other: string): boolean {
  if (floorOf(room) <= floorOf('build')) return floorOf(other) >= floorOf(room);
  if (edge.target === 'packages/server/src/system.ts') return false;
  if (other in ANNEXES) return false;
  if (other === 'http') return isRoutes(module.path) && !edge.runtime;
  const annex = ANNEXES[room];
  if (annex) return annex.includes(other) || (room === 'carriers' && isCarrierSeam(edge));
  return floorOf(other) >= floorOf(room);
}

/** A route file may name the types of the door it is hung in; nothing else in a feature knows HTTP. */
function isRoutes(path: string): boolean {
  return /\/routes(-[a-z0-9-]+)?\.ts$/.test(path);
}

function isCarrierSeam(edge: Import): boolean {
  return !edge.runtime && edge.target === 'packages/server/src/messages/carrier.ts';
}

/** No two rooms need each other, not even for a type: then they would be one room. */
export function roomsFormNoCircle(house: House): Finding[] {
  const graph = new Map<string, Set<string>>();
  for (const module of serverProduct(house)) {
    const room = roomOf(module.path) ?? '';
    const others = graph.get(room) ?? new Set<string>();
    for (const edge of module.imports) {
      const other = edge.target === null ? null : roomOf(edge.target);
      if (other !== null && other !== room && other !== 'http') others.add(other);
    }
    graph.set(room, others);
  }
  const circles = components(graph).filter((rooms) => rooms.length > 1);
  return circles.map((rooms) => ({
    path: 'packages/server/src',
    line: 0,
    words: `rooms in a circle: ${rooms.sort().join(', ')}`,
  }));
}

/** Fastify and its plug-ins are known to http/ alone. */
export function webFrameworkOnlyInHttp(house: House): Finding[] {
  return house.modules
    .filter((module) => isProduct(module.path) && roomOf(module.path) !== 'http')
    .flatMap((module) =>
      module.imports
        .filter((edge) => /^(fastify($|[-/])|@fastify\/)/.test(edge.specifier))
        .map((edge) => found(module, edge, `${edge.specifier} belongs to http/`)),
    );
}

function serverProduct(house: House): Module[] {
  return house.modules.filter((module) => isProduct(module.path) && inServer(module.path) !== null);
}
