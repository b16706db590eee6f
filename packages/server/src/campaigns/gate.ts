/**
 * Lets so many run at once; the others wait in line. A launch holds a connection for as long as its list takes to read, and those
 * are the connections by which messages leave.
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
