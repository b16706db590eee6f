import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';

/** The fields a column of an imported file can fill, by the names ClickSend gives them there. */
export const IMPORT_FIELDS: Data<Endpoints['listImportFields']> = [
  { field: 'phone', label: 'Phone number' },
  { field: 'first_name', label: 'First name' },
  { field: 'last_name', label: 'Last name' },
  { field: 'email', label: 'Email address' },
  { field: 'fax_number', label: 'Fax number' },
  { field: 'organization_name', label: 'Organization' },
  { field: 'address_line_1', label: 'Address, line 1' },
  { field: 'address_line_2', label: 'Address, line 2' },
  { field: 'address_city', label: 'City' },
  { field: 'address_state', label: 'State' },
  { field: 'address_postal_code', label: 'Postal code' },
  { field: 'address_country', label: 'Country (ISO code)' },
  { field: 'custom1', label: 'Custom field 1' },
  { field: 'custom2', label: 'Custom field 2' },
  { field: 'custom3', label: 'Custom field 3' },
  { field: 'custom4', label: 'Custom field 4' },
];
