/** Lets so many work at once; the others wait in their turn. */
export function places(most: number): (signal: AbortSignal) => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else taken -= 1;
  };
  return async (signal) => {
    if (taken < most) taken += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    if (!signal.aborted) return leave;
    leave();
    throw signal.reason;
  };
}
