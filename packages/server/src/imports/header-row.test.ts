import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { fieldOfLabel, isHeader, suggestOrder } from './header-row.ts';

describe('a header row', () => {
  test.each([
    ['Mobile', 'phone_number'],
    ['Phone Number', 'phone_number'],
    ['phone_number', 'phone_number'],
    ['E-mail', 'email'],
    ['First name', 'first_name'],
    ['SURNAME', 'last_name'],
    ['Prénom', 'first_name'],
    ['Straße', 'address_line_1'],
    ['custom_3', 'custom_3'],
    ['Custom Field 4', 'custom_4'],
    ['Zip', 'address_postal_code'],
    ['Shoe size', null],
    ['', null],
    ['constructor', null],
    ['phone'.repeat(20), null],
  ])('%j means %j', (label, field) => {
    expect(fieldOfLabel(label)).toBe(field);
  });

  test.each<[string[], Parameters<typeof isHeader>[1][number][], boolean]>([
    [['Mobile', 'First'], ['phone_number', 'first_name'], true],
    [['Phone', 'Tier'], ['phone_number', 'custom_1'], true],
    [['n/a', 'Ana'], ['phone_number', 'first_name'], false],
    [['+61411111111', 'First'], ['phone_number', 'first_name'], false],
    [['', 'ana@example.test', 'Name'], ['phone_number', 'email', 'first_name'], false],
    // A name in a column that is skipped says nothing, and a person may be called Mobile.
    [['Phone', '', 'Ana'], [null, 'email', 'first_name'], false],
    [['+61411111111', 'Mobile'], ['phone_number', 'first_name'], false],
    [[], ['phone_number'], false],
  ])(verifies('import:header', 'of %j in the order %j: %j'), (cells, order, header) => {
    expect(isHeader(cells, order)).toBe(header);
  });

  test.each<[string[][], unknown[], boolean]>([
    [
      [
        ['Mobile', 'First', 'Shoe'],
        ['x', 'y', 'z'],
      ],
      ['phone_number', 'first_name', null],
      true,
    ],
    [[['Mobile', 'Cell', 'Name']], ['phone_number', null, 'first_name'], true],
    [
      [
        ['Ana', '+61 411 111 111', 'ana@example.test'],
        ['Bo', '0422 222 222', ''],
      ],
      [null, 'phone_number', 'email'],
      false,
    ],
    [[['12', 'x']], [null, null], false],
  ])(verifies('import:preview', 'rows %j suggest %j'), (rows, order, hasHeader) => {
    expect(suggestOrder(rows)).toEqual({ order, hasHeader });
  });
});
