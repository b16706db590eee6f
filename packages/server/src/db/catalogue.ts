import type pg from 'pg';

/** One column of a table of ours, as PostgreSQL's catalogue tells it. */
export interface CatalogueColumn {
  readonly table: string;
  readonly name: string;
  /** As format_type writes it: `bigint`, `text[]`, `character varying(20)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Expression of the default, or of a generated column; null = none. */
  readonly expression: string | null;
  readonly generated: 'no' | 'always' | 'identity-always' | 'identity-by-default';
}

/**
 * Columns of every table in `public`, in the order of name and place. Partitions are left out: the product makes them as
 * time goes by.
 */
export async function readColumns(client: pg.ClientBase): Promise<CatalogueColumn[]> {
  const { rows } = await client.query<CatalogueColumn>(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as expression,
      case when a.attgenerated <> '' then 'always' when a.attidentity = 'a' then 'identity-always'
        when a.attidentity = 'd' then 'identity-by-default' else 'no' end as generated
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname, a.attnum`);
  return rows;
}

/** What else belongs to a table, each as the statement that would make it. */
export interface CatalogueTable {
  readonly table: string;
  /** `range (id)`; null = not partitioned. */
  readonly partitioned: string | null;
  readonly options: string | null;
  readonly constraints: string[];
  readonly indexes: string[];
  readonly triggers: string[];
  readonly policies: string[];
  /** enable / force row level security. */
  readonly security: string[];
  readonly grants: string[];
}

/** Tables of `public` with everything that hangs on them; grants only where they go to somebody else than the owner. */
export async function readTables(client: pg.ClientBase): Promise<CatalogueTable[]> {
  const { rows } = await client.query<CatalogueTable>(`
    select c.relname as table,
      case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partitioned,
      array_to_string(c.reloptions, ', ') as options,
      array(select format('constraint %I %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where conrelid = c.oid and contype in ('c', 'f', 'p', 'u', 'x') order by contype = 'p' desc, conname) as constraints,
      array(select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = c.oid and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)
        order by x.relname) as indexes,
      array(select pg_get_triggerdef(oid) from pg_trigger where tgrelid = c.oid and not tgisinternal order by tgname) as triggers,
      array(select format('create policy %I on %I for %s to %s', policyname, tablename, lower(cmd), array_to_string(roles, ', '))
          || coalesce(' using ' || qual, '') || coalesce(' with check ' || with_check, '')
        from pg_policies where schemaname = 'public' and tablename = c.relname order by policyname) as policies,
      array_remove(array[
        case when c.relrowsecurity then format('alter table %I enable row level security', c.relname) end,
        case when c.relforcerowsecurity then format('alter table %I force row level security', c.relname) end], null) as security,
      array(select format('grant %s on %I to %I', string_agg(what, ', ' order by what), c.relname, grantee) from (
          select lower(g.privilege_type) as what, g.grantee::regrole::text as grantee from aclexplode(c.relacl) g where g.grantee <> c.relowner
          union all
          select format('%s (%s)', lower(g.privilege_type), string_agg(a.attname, ', ' order by a.attnum)), g.grantee::regrole::text
          from pg_attribute a, aclexplode(a.attacl) g where a.attrelid = c.oid group by g.privilege_type, g.grantee) given
        group by grantee order by grantee) as grants
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`);
  return rows;
}

/** Enums and functions of `public`, each as the statement that would make it. */
export async function readDefinitions(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ definition: string }>(`
    select format('create type %I as enum (%s)', t.typname,
      (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid)) as definition
    from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'e'
    union all
    select rtrim(pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
    order by 1`);
  return rows.map((row) => row.definition);
}
