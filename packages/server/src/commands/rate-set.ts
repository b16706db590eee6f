import { parseAmount } from '../ledger/amount.ts';
import { addRate } from '../pricing/store.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';

export const rateSet: Command = {
  name: 'rate set',
  usage: '<country, or * for every other> <price of a part> [--prefix 614]',
  summary:
    'Set the price of an SMS part from now on. Running nodes use it within 15 s; messages already accepted keep theirs.',
  async run(parts, args) {
    const { country, price, options } = readArgs(this, args, ['country', 'price'], { prefix: { type: 'string' } });
    const prefix = options.prefix?.replace(/^\+/, '') ?? '';
    if (!/^([A-Z]{2}|\*)$/.test(country))
      throw new Refusal('bad-request', `"${country}" is no country: write two capitals like AU, or *.`);
    if (!/^[0-9]{0,15}$/.test(prefix))
      throw new Refusal(
        'bad-request',
        `"${prefix}" is no prefix: write the first digits of a number with its country code, like 614.`,
      );
    const row = { channel: 'sms', country, prefix, price_micro: parseAmount(price), valid_from: parts.clock.now() };
    await addRate(parts.db.enginePool, row);
    return 0;
  },
};
