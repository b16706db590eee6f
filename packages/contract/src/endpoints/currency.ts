import { z } from 'zod';

/** How to write amounts of the account's currency. Sent under `_currency`, the key the strict clients know. */
export const currency = z
  .object({
    currency_name_short: z.string(),
    currency_prefix_d: z.string(),
    currency_prefix_c: z.string(),
    currency_name_long: z.string(),
  })
  .meta({ id: 'Currency' });

export const australianDollars: z.output<typeof currency> = {
  currency_name_short: 'AUD',
  currency_prefix_d: '$',
  currency_prefix_c: 'c',
  currency_name_long: 'Australian Dollars',
};
