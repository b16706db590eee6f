import { BlockList, isIP } from 'node:net';

/** IPv4 that no stranger on the internet has (IANA's special-purpose registry, multicast and class E). */
const SPECIAL_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // Azure's metadata and DNS: a public address that is answered by the host a machine runs on.
  '168.63.129.16/32',
];
/** Global unicast: all that the internet uses of IPv6. Loopback, ULA, link-local, multicast and mapped forms lie outside. */
const GLOBAL_V6 = ['2000::/3'];
/** Teredo, ORCHID and benchmarks; documentation; 6to4, which carries an IPv4 address; AS112. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];
/** IPv4 in IPv6: as sockets write it, and as NAT64 (RFC 6052) lets networks without IPv4 reach it. */
const CARRIES_V4 = ['::ffff:0:0/96', '64:ff9b::/96'];

const specialV4 = blocks('ipv4', SPECIAL_V4);
const globalV6 = blocks('ipv6', GLOBAL_V6);
const specialV6 = blocks('ipv6', SPECIAL_V6);
const carriesV4 = blocks('ipv6', CARRIES_V4);

function blocks(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Whether an IP address is one of a stranger on the internet. An IPv6 address that carries an IPv4 one is judged by that. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !specialV4.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  if (carriesV4.check(address, 'ipv6')) return isPublic(lastFourBytes(address));
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
}

/** The IPv4 address at the end of an IPv6 one, whichever way it is written. */
function lastFourBytes(address: string): string {
  // The URL parser writes every form the same way, the dotted one included.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':');
  const group = (text: string | undefined) => Number.parseInt(text || '0', 16);
  const [high, low] = [group(groups.at(-2)), group(groups.at(-1))];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
