import { lookup, Resolver } from 'node:dns/promises';
import type { Clock } from '@veredus/protocols/clock';
import type { Address } from './parts.ts';

/** A name server that has said nothing for so long is asked once more, or another one is. */
const SILENCE_MS = 3_000;
const TRIES = 2;
const GIVE_UP_MS = 8_000;
/** Addresses of one family are enough when those of the other do not come as well by then. */
const OTHER_FAMILY_MS = 500;
/** Names asked for at once; a name server that works answers in a fraction of what one that does not is waited for. */
const UNDER_WAY = 256;
/** Shorter than the shortest pause between two attempts. */
const FAILED_MS = 4_000;
const REMEMBERED = 1_000;
/** A name may have hundreds of addresses, each of which might be connected to. */
const OF_A_FAMILY = 8;

export interface ResolverParts {
  clock: Clock;
  /** Whether the operator named this host: it may stand in /etc/hosts, or be known to the machine in other ways. */
  isOwn: (host: string) => boolean;
  /** Name servers as `address:port`; those of the machine where there are none. */
  servers?: readonly string[];
}

/**
 * Looks up names, none of which can hold up the others. The name server of a stranger's name may never answer, and the machine's own
 * lookup (getaddrinfo) keeps one of very few threads until it gives up: so that is for the operator's names only, once each
 * at a time. All other names are asked of the name servers on sockets of their own, and given up soon. When too many are
 * under way the one that has waited longest is given up.
 */
export function nameResolver({ clock, isOwn, servers }: ResolverParts): (host: string) => Promise<readonly Address[]> {
  const own = new Map<string, Promise<readonly Address[]>>();
  const asked = new Map<string, { addresses: Promise<readonly Address[]>; giveUp: () => void }>();
  const failed = new Map<string, number>();

  const ask = (host: string) => {
    const [longest] = asked;
    if (asked.size >= UNDER_WAY && longest !== undefined) {
      asked.delete(longest[0]);
      longest[1].giveUp();
    }
    const resolver = new Resolver({ timeout: SILENCE_MS, tries: TRIES });
    if (servers) resolver.setServers(servers);
    const one = { addresses: bothFamilies(resolver, host, clock), giveUp: () => resolver.cancel() };
    asked.set(host, one);
    void one.addresses.then(({ length }) => {
      // It was given up for another's sake, which says nothing of it.
      if (asked.get(host) !== one) return;
      asked.delete(host);
      if (length === 0) remember(host);
    });
    return one.addresses;
  };

  const remember = (host: string) => {
    failed.delete(host);
    failed.set(host, clock.monotonic() + FAILED_MS);
    if (failed.size > REMEMBERED) failed.delete(failed.keys().next().value!);
  };

  const lookUp = (host: string) => {
    const found = lookup(host, { all: true, order: 'verbatim' }) as Promise<Address[]>;
    own.set(host, found);
    return found.finally(() => own.delete(host));
  };

  return async (host) => {
    if (isOwn(host)) return own.get(host) ?? lookUp(host);
    if (clock.monotonic() < (failed.get(host) ?? Number.NEGATIVE_INFINITY)) return [];
    return asked.get(host)?.addresses ?? ask(host);
  };
}

/** IPv4 first: many a machine has an IPv6 address that leads nowhere. Empty where there is none; never rejects. */
async function bothFamilies(resolver: Resolver, host: string, clock: Clock): Promise<readonly Address[]> {
  let stop = clock.after(GIVE_UP_MS, () => resolver.cancel());
  const hurry = (addresses: string[]) => {
    stop();
    stop = clock.after(OTHER_FAMILY_MS, () => resolver.cancel());
    return addresses.slice(0, OF_A_FAMILY);
  };
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host).then(hurry), resolver.resolve6(host).then(hurry)]);
  stop();
  const of = (answer: PromiseSettledResult<string[]>, family: 4 | 6): Address[] =>
    answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
  return [...of(v4, 4), ...of(v6, 6)];
}
