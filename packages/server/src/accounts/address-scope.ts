/**
 * What counts as one caller's address: an IPv4 address, or the /64 an IPv6 address stands in, because whoever holds one
 * address of a /64 holds all 2^64 of them (RFC 6177). IPv4 inside IPv6 (`::ffff:192.0.2.1`) counts as IPv4.
 */
export function addressScope(address: string): string {
  const plain = address.toLowerCase().split('%')[0] ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped) return mapped;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = split(head);
  if (tail !== undefined) {
    const after = split(tail);
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${prefix.join(':')}::/64`;
}

function split(groups: string): string[] {
  return groups === '' ? [] : groups.split(':');
}
