import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { readFieldOrder } from './field-order.ts';

describe('field_order', () => {
  test.each([
    [
      ['phone', 'first_name'],
      ['phone_number', 'first_name'],
    ],
    ['phone, first_name ,last_name', ['phone_number', 'first_name', 'last_name']],
    ['["phone","custom1",null]', ['phone_number', 'custom_1', null]],
    [
      ['phone_number', 'custom1', 'custom_2', 'custom3', 'custom_4'],
      ['phone_number', 'custom_1', 'custom_2', 'custom_3', 'custom_4'],
    ],
    [
      ['', null, 'skip', 'IGNORE', '-', 'email'],
      [null, null, null, null, null, 'email'],
    ],
    [',,fax_number', [null, null, 'fax_number']],
    [
      'email,organization_name,address_line_1,address_line_2,address_city,address_state,address_postal_code,address_country',
      [
        'email',
        'organization_name',
        'address_line_1',
        'address_line_2',
        'address_city',
        'address_state',
        'address_postal_code',
        'address_country',
      ],
    ],
  ])(verifies('import:field-order', '%j is understood'), (raw, order) => {
    expect(readFieldOrder(raw)).toEqual(order);
  });

  test.each<[string | string[], RegExp]>([
    [['phone', 'shoe_size'], /column 2 is named "shoe_size".*Allowed: phone, phone_number, .*custom_4, and skip/],
    [['phone', 'email', 'phone_number'], /names phone_number twice, in columns 1 and 3/],
    [['first_name', 'custom_1'], /at least one of phone, email and fax_number/],
    ['', /at least one of/],
    [[], /at least one of/],
    ['["phone"', /column 1 is named "\["phone""/],
    [['__proto__'], /no field/],
    [['constructor'], /no field/],
    ['phone;first_name', /column 1 is named "phone;first_name"/],
  ])(verifies('import:field-order', '%j is refused, naming what is wrong'), (raw, words) => {
    const read = () => readFieldOrder(raw);
    expect(read).toThrow(words);
    expect(read).toThrow(expect.objectContaining({ kind: 'bad-request', fields: { field_order: expect.any(String) } }));
  });
});
