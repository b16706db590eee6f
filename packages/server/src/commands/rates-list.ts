import { EXAMPLE_NOTICE } from '../pricing/example-rates.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { listRates } from '../pricing/store.ts';
import { type Command, readArgs } from './command.ts';

export const ratesList: Command = {
  name: 'rates list',
  usage: '',
  summary: 'List the rate card: channel, country, prefix, price per part, from when to when; examples are marked.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    const rates = await listRates(parts.db.enginePool, parts.clock.now());
    for (const rate of rates) {
      const columns = [rate.channel, rate.country, rate.prefix && `+${rate.prefix}`, toDecimal6(rate.price_micro)];
      const until = rate.valid_to === null ? [] : [`to ${minute(rate.valid_to)}`];
      const example = rate.example ? ['example'] : [];
      parts.out([...columns, `from ${minute(rate.valid_from)}`, ...until, ...example].join('\t'));
    }
    if (rates.length === 0) parts.out('The rate card is empty, so nothing can be sent: see veredus rates set.');
    if (rates.some(({ example }) => example)) parts.out(EXAMPLE_NOTICE);
    return 0;
  },
};

function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
