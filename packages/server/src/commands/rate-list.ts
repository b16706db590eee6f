import { toDecimal6 } from '../pricing/money.ts';
import { readRates } from '../pricing/store.ts';
import { type Command, readArgs } from './command.ts';

export const rateList: Command = {
  name: 'rate list',
  usage: '',
  summary:
    'List the rate card: channel, country, prefix, price of a part, from when. Of equal rows the last one counts.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    for (const row of await readRates(parts.db.enginePool)) {
      if (row.valid_to !== null && row.valid_to <= parts.clock.now()) continue;
      const from = new Date(row.valid_from).toISOString();
      const prefix = row.prefix === '' ? '-' : `+${row.prefix}`;
      parts.out([row.channel, row.country, prefix, toDecimal6(row.price_micro), `from ${from}`].join('\t'));
    }
    return 0;
  },
};
