/**
 * Lets so many run at once; the others wait in line. For what holds something that all share for as long as its size takes: the
 * launch of a campaign a connection of the engine, the preview of a workbook its texts in memory.
 */
export function gate(atOnce: number) {
  let running = 0;
  const line: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((resume) => line.push(resume));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
