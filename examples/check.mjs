/** Says what was looked at; the first thing that is not as it should be ends the example with exit code 1. */
export function check(words, holds, seen) {
  if (holds) {
    console.log(`  ok   ${words}`);
    return;
  }
  const detail = seen === undefined ? '' : `: ${JSON.stringify(seen)}`;
  throw new Error(`not ok: ${words}${detail}`);
}

export const step = (words) => console.log(`\n${words}`);
