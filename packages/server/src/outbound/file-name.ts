const LIMIT = 200;

/** The name a fetched file goes by: what the other side calls it, else the end of its path; '' where there is none. */
export function fileNameOf(disposition: string, url: URL): string {
  return plainName(named(disposition) ?? decoded(url.pathname.split('/').at(-1) ?? ''));
}

/** RFC 6266, as far as servers write it: the extended form wins. */
function named(disposition: string): string | null {
  const extended = /(?:^|;)\s*filename\*\s*=\s*utf-8''([^;]+)/i.exec(disposition)?.[1];
  if (extended) return decoded(extended.trim());
  const [, quoted, bare] = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare ?? null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without folders, control characters and what the database cannot hold. */
export function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const text = last
    .toWellFormed()
    .replace(/\p{Cc}/gu, '')
    .trim();
  return [...text].slice(0, LIMIT).join('');
}
