import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { australianDollars, currency } from './currency.ts';

const counts = {
  outbound: z.object({ count: z.int(), price: z.number() }),
  inbound: z.object({ count: z.int() }),
  bounced: z.object({ count: z.int() }),
};

/** `date` is midnight UTC in unix seconds. */
const day = z.object({ date: z.int(), ...counts }).meta({ id: 'SmsStatisticsDay' });

const oneDay = {
  date: 1789948800,
  outbound: { count: 42, price: 2.7048 },
  inbound: { count: 3 },
  bounced: { count: 1 },
};

export const smsStatistics = endpoint({
  id: 'smsStatistics',
  method: 'GET',
  path: '/v3/statistics/sms',
  summary: 'SMS of the last 30 days, in all and per UTC day.',
  scope: 'statistics:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  /** The days come twice: `stats` is what the current clients read, `stat` what the older description says. */
  data: z
    .object({ total: z.object(counts), stats: z.array(day), stat: z.array(day), _currency: currency })
    .meta({ id: 'SmsStatistics' }),
  refusals: [],
  example: {
    data: {
      total: { outbound: { count: 42, price: 2.7048 }, inbound: { count: 3 }, bounced: { count: 1 } },
      stats: [oneDay],
      stat: [oneDay],
      _currency: australianDollars,
    },
  },
});
