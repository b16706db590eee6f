import type pg from 'pg';
import { type CatalogueColumn, readColumns } from './catalogue.ts';

/** How the driver hands over each PostgreSQL type (bigint: see parserOf in db.ts). */
const TYPES: Record<string, string> = {
  smallint: 'number',
  integer: 'number',
  bigint: 'number',
  real: 'number',
  'double precision': 'number',
  numeric: 'string',
  text: 'string',
  uuid: 'string',
  inet: 'string',
  boolean: 'boolean',
  bytea: 'Buffer',
  jsonb: 'Json',
  xid8: 'string',
};

const HEADER = `import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

// Written by \`node test/rig/write-schema.ts\` from the migrated schema; a test fails when it is out of date.

/** Read as a value, written as its text. */
type Json = ColumnType<unknown, string, string>;
`;

/** TypeScript source of the row types Kysely works with: one interface per table, and Schema with all of them. */
export async function writeRowTypes(client: pg.ClientBase): Promise<string> {
  const tables = Map.groupBy(await readColumns(client), (column) => column.table);
  const interfaces = [...tables].map(([table, columns]) => {
    const lines = columns.map((column) => `  ${column.name}: ${columnType(column)};`);
    return `export interface ${interfaceName(table)} {\n${lines.join('\n')}\n}\n`;
  });
  const entries = [...tables.keys()].map((table) => `  ${table}: ${interfaceName(table)};`);
  return [HEADER, ...interfaces, `export interface Schema {\n${entries.join('\n')}\n}\n`].join('\n');
}

/** `api_keys` is read as `ApiKeysRow`. */
function interfaceName(table: string): string {
  return `${table.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Row`;
}

function columnType(column: CatalogueColumn): string {
  const plain = column.type.replace(/\(.*\)/, '');
  const element = plain.replace(/\[\]$/, '');
  const base = TYPES[element];
  if (base === undefined)
    throw new TypeError(`${column.table}.${column.name}: no row type is known for ${column.type}`);
  const type = `${base}${plain === element ? '' : '[]'}${column.nullable ? ' | null' : ''}`;
  if (column.generated === 'always' || column.generated === 'identity-always') return `GeneratedAlways<${type}>`;
  const optional = column.generated === 'identity-by-default' || column.expression !== null;
  return optional ? `Generated<${type}>` : type;
}
