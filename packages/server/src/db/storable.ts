/** PostgreSQL holds neither U+0000 nor lone surrogates; both become U+FFFD, as they would on the air. */
export function storable(text: string): string {
  return (text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text).toWellFormed();
}
