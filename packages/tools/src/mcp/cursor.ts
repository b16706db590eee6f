const MARK = 'after:';

/** Where the next page begins: behind a tool by name, so that it holds even when the set changes meanwhile. */
export function writeCursor(name: string): string {
  return btoa(MARK + name)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The name in a cursor; null where we did not write it. An empty text is a cursor too, and none of ours. */
export function readCursor(cursor: string): string | null {
  let text: string;
  try {
    text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  const name = text.startsWith(MARK) ? text.slice(MARK.length) : '';
  return /^[A-Za-z0-9_]{1,128}$/.test(name) && writeCursor(name) === cursor ? name : null;
}
