import type { Figure } from './figures.ts';

const HEAD = ['figure', 'median', 'min–max', 'goal', '÷ raw SQL', '÷ raw SMPP', '÷ other', '÷ Kannel'];

/** The figures as lines for people, or as a markdown table. Columns in which nothing stands are left out. */
export function tableOf(figures: readonly Figure[], markdown: boolean): string {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const kept = HEAD.map((_, i) => rows.slice(1).some((row) => row[i] !== ''));
  const shown = rows.map((row) => row.filter((_, i) => kept[i]));
  return markdown ? asMarkdown(shown) : asColumns(shown);
}

function cellsOf({ name, unit, values, goal, ratios }: Figure): string[] {
  const spread = values.length > 1 ? `${numberOf(Math.min(...values))}–${numberOf(Math.max(...values))}` : '';
  const columns = [ratios.sql, ratios.smpp, ratios.against, ratios.kannel];
  const median = `${numberOf(medianOf(values))}${unit === '/s' ? '' : ' '}${unit}`;
  return [name, median, spread, goal, ...columns.map((each) => (each?.length ? ratioOf(medianOf(each)) : ''))];
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const numberOf = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const ratioOf = (ratio: number): string => (ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2));

function asColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}

function asMarkdown(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head, ...rest] = rows;
  return [line(head!), line(head!.map((_, i) => (i === 0 ? '---' : '--:'))), ...rest.map(line)].join('\n');
}
