import { Refusal } from '../../refusal.ts';

/** The most one list in a query may name. */
const MOST = 1_000;

/** The terms of a query as brokers' clients write them: comma lists, repeated names, one level of brackets, empty = not said. */
export interface Query {
  text(name: string): string | null;
  list(name: string): readonly string[] | null;
  flag(name: string): boolean | null;
  number(name: string): number | null;
  /** `name[key]=value`. */
  map(name: string): ReadonlyMap<string, string>;
}

export function readQuery(raw: unknown): Query {
  const terms = Object.entries(raw as Record<string, string | string[]>);
  const values = (name: string) =>
    terms
      .filter(([key]) => key === name || (key.startsWith(`${name}[`) && /^\[\d*\]$/.test(key.slice(name.length))))
      .flatMap(([, value]) => value)
      .filter((value) => value !== '');
  const text = (name: string) => values(name)[0]?.trim() ?? null;
  return {
    text,
    list(name) {
      const all = values(name).flatMap((value) => value.split(',').map((one) => one.trim()));
      const named = [...new Set(all)].filter((value) => value !== '');
      if (named.length > MOST) throw fault(name, `may name ${MOST} at most.`);
      return named.length === 0 ? null : named;
    },
    flag(name) {
      const word = text(name)?.toLowerCase() ?? null;
      if (word === null) return null;
      if (['true', '1', 'yes'].includes(word)) return true;
      if (['false', '0', 'no'].includes(word)) return false;
      throw fault(name, 'must be true or false.');
    },
    number(name) {
      const word = text(name);
      if (word === null) return null;
      if (!/^-?\d{1,15}$/.test(word)) throw fault(name, 'must be a whole number.');
      return Number(word);
    },
    map(name) {
      const inner = terms.flatMap(([key, value]): [string, string][] => {
        const of = key.startsWith(`${name}[`) && key.endsWith(']') ? key.slice(name.length + 1, -1) : '';
        const one = [value].flat()[0] ?? '';
        return of === '' || one === '' ? [] : [[of.toLowerCase(), one.trim()]];
      });
      return new Map(inner);
    },
  };
}

export function fault(field: string, words: string): Refusal {
  return new Refusal('bad-request', `${field} ${words}`, { fields: { [field]: `${field} ${words}` } });
}
