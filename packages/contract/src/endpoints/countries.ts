import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';

/** `value` is the country's name. */
const country = z.object({ code: z.string(), value: z.string() }).meta({ id: 'Country' });

export const countries = endpoint({
  id: 'countries',
  method: 'GET',
  path: '/v3/countries',
  summary: 'Every country with its ISO alpha-2 code. Needs no credentials.',
  scope: null,
  auth: 'none',
  bodyLimit: SMALL_BODY,
  data: z.array(country),
  refusals: [],
  example: {
    data: [
      { code: 'AU', value: 'Australia' },
      { code: 'NZ', value: 'New Zealand' },
    ],
  },
});
