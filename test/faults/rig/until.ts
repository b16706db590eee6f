/** Looks again and again until `check` answers something true; says what it waited for when that never comes. */
export async function until<T>(
  what: string | (() => string),
  check: () => T | Promise<T>,
  patienceMs = 15_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await check();
    if (found) return found as Exclude<T, false | null | undefined>;
    if (performance.now() > end)
      throw new Error(`waited ${patienceMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
