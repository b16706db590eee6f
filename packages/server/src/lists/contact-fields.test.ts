import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { CONTACT_FIELDS, type ContactField, fieldNamed, readChanges, readContact } from './contact-fields.ts';

const read = (raw: Partial<Record<ContactField, unknown>>, country = 'AU') => readContact(raw, country);
const values = (raw: Partial<Record<ContactField, unknown>>) => {
  const reading = read({ email: 'a@b.example', ...raw });
  if (!reading.ok) expect.fail(JSON.stringify(reading.faults));
  return reading.values;
};

describe('a contact', () => {
  test(verifies('contacts:fields', 'has every field, absent ones null'), () => {
    expect(read({ phone_number: '0411 111 111', first_name: ' Mei ' })).toEqual({
      ok: true,
      values: {
        ...Object.fromEntries(CONTACT_FIELDS.map((field) => [field, null])),
        phone_number: '+61411111111',
        first_name: 'Mei',
      },
    });
  });

  test.each<[ContactField, unknown, string | null]>([
    ['phone_number', 61411111111, '+61411111111'],
    // A form has eaten the plus.
    ['phone_number', ' 61411111111', '+61411111111'],
    ['phone_number', '0411111111\r\n', '+61411111111'],
    ['phone_number', '   ', null],
    ['fax_number', '(02) 9261 1111', '+61292611111'],
    ['email', ' Mei.Okafor+rye@mail.example.co.uk ', 'Mei.Okafor+rye@mail.example.co.uk'],
    ['email', 'mei@münchen.example', 'mei@münchen.example'],
    ['address_country', 'au', 'AU'],
    ['address_postal_code', 2000, '2000'],
    ['first_name', '', null],
    ['first_name', null, null],
    ['custom_1', '東京 🎂', '東京 🎂'],
    ['custom_1', 'a\u0000b\ud800', 'a\ufffdb\ufffd'],
    ['last_name', '🎂'.repeat(255), '🎂'.repeat(255)],
    ['custom_2', 'x'.repeat(1_000), 'x'.repeat(1_000)],
    ['custom_3', "'; drop table contacts; --", "'; drop table contacts; --"],
  ])(verifies('contacts:fields', '%s %j is stored as %j'), (field, raw, stored) => {
    expect(values({ [field]: raw })[field]).toBe(stored);
  });

  test.each<[ContactField, unknown]>([
    ['phone_number', '12'],
    ['phone_number', 'call me'],
    ['fax_number', 'none'],
    ['email', 'mei'],
    ['email', 'mei@localhost'],
    ['email', 'mei@@b.example'],
    ['email', 'a@b.example, c@d.example'],
    ['email', `${'x'.repeat(250)}@b.example`],
    ['address_country', 'Australia'],
    ['address_country', 'ZZ'],
    ['first_name', 'x'.repeat(256)],
    ['custom_1', 'x'.repeat(1_001)],
    ['last_name', { toString: 'x' }],
    ['last_name', true],
    ['last_name', ['x']],
  ])(verifies('contacts:fields', '%s %j is refused by its name'), (field, raw) => {
    expect(read({ email: 'a@b.example', phone_number: '+61411111111', [field]: raw })).toEqual({
      ok: false,
      faults: { [field]: expect.stringContaining(field) },
    });
  });

  test(verifies('contacts:fields', 'without a way to reach it is refused as a whole'), () => {
    expect(read({ first_name: 'Mei', phone_number: ' ', email: '' })).toEqual({
      ok: false,
      faults: { contact: expect.stringContaining('at least one of phone_number, email and fax_number') },
    });
  });

  test('once read reads as itself, and nothing throws', () => {
    const anything = fc.record(
      Object.fromEntries(
        CONTACT_FIELDS.map((field) => [field, fc.oneof(fc.string({ unit: 'binary' }), fc.anything())]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anything, (raw) => {
        const first = read({ ...raw, email: 'a@b.example' });
        if (first.ok) expect(read(first.values)).toEqual(first);
      }),
    );
  });
});

describe('changes', () => {
  test(verifies('contacts:update', 'are the keys that are there'), () => {
    expect(readChanges({ first_name: null, custom_1: '', phone_number: '0411111111' }, 'AU')).toEqual({
      ok: true,
      values: { first_name: null, custom_1: null, phone_number: '+61411111111' },
    });
    expect(readChanges({}, 'AU')).toEqual({ ok: true, values: {} });
    expect(readChanges({ email: 'x' }, 'AU')).toMatchObject({ ok: false, faults: { email: expect.any(String) } });
  });
});

test.each([
  ['phone', 'phone_number'],
  [' Custom1 ', 'custom_1'],
  ['custom_4', 'custom_4'],
  ['EMAIL', 'email'],
  ['name', null],
  ['constructor', null],
  ['__proto__', null],
])('the name %j means %s', (name, field) => {
  expect(fieldNamed(name)).toBe(field);
});
