import type { Handlers } from '../../accounts/call.ts';
import { COUNTRIES } from './countries.ts';

export const countriesRoute: Pick<Handlers, 'countries'> = {
  countries: () => ({ data: [...COUNTRIES], words: 'Countries.' }),
};
