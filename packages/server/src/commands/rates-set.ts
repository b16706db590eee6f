import { toDecimal6 } from '../pricing/money.ts';
import { setRate } from '../pricing/set-rate.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';

const OPTIONS = { prefix: { type: 'string' }, channel: { type: 'string' } } as const;

export const ratesSet: Command = {
  name: 'rates set',
  usage: '<country|*> <price> [--prefix <digits>] [--channel sms]',
  summary: "Set the price per part of a country, of a prefix in it, or of every other country (write '*' in quotes).",
  async run(parts, args) {
    const { country, price, options } = readArgs(this, args, ['country', 'price'], OPTIONS);
    const { channel = 'sms' } = options;
    const prefix = options.prefix?.replace(/^\+/, '') ?? '';
    if (channel !== 'sms') throw new Refusal('bad-request', `There are no prices for "${channel}": only for sms.`);
    if (options.prefix !== undefined && prefix === '')
      throw new Refusal('bad-request', '--prefix needs digits, like 614.');
    const set = await setRate(parts.db, parts.clock.now(), { channel, country, prefix, price });
    const place = country === '*' ? 'every other country' : country;
    parts.out(
      `${channel} to ${prefix === '' ? place : `+${prefix}`} costs ${toDecimal6(set.priceMicro)} per part from now on` +
        `${set.replaced ? ', in place of the price before' : ''}. Running nodes follow within 15 s.`,
    );
    return 0;
  },
};
