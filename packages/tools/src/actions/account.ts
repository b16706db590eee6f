import { z } from 'zod';
import { action } from '../action.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

export const getAccount = action({
  slug: 'CLICKSEND_GET_ACCOUNT',
  title: 'Get the account with its balance',
  description:
    'Gets the account behind the connection: balance, currency, country, timezone, user and settings. Use it to see whether there is enough credit before something is sent. Takes no arguments. Keys and passwords in the answer are hidden.',
  input: z.strictObject({}),
  hints: hints.reads,
  spends: false,
  topics: ['account', 'balance'],
  endpoint: wire('account'),
  operation: () => ({}),
});
