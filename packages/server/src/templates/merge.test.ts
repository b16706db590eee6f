import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { compile, type MergeContact, render, usesFields } from './merge.ts';
import { unknownPlaceholders } from './placeholders.ts';

const anna: MergeContact = {
  first_name: 'Anna',
  last_name: 'Beck',
  custom_1: 'one',
  custom_2: 'two',
  custom_3: 'three',
  custom_4: 'four',
};
const merge = (body: string, contact: MergeContact = anna) => render(compile(body), contact);

describe('a placeholder', () => {
  test.each([
    ['(First Name)', 'Anna'],
    ['(Last Name)', 'Beck'],
    ['(Cust. 1)', 'one'],
    ['(Cust. 2)', 'two'],
    ['(Cust. 3)', 'three'],
    ['(Cust. 4)', 'four'],
    ['{FirstName}', 'Anna'],
    ['{LastName}', 'Beck'],
    ['{CustomString1}', 'one'],
    ['{CustomString2}', 'two'],
    ['{CustomString3}', 'three'],
    ['{CustomString4}', 'four'],
    ['Hello (First Name) (Last Name), {CustomString4}!', 'Hello Anna Beck, four!'],
    ['((First Name))', '(Anna)'],
    ['(First Name)(First Name)', 'AnnaAnna'],
  ])(verifies('templates:placeholders', '%s becomes %s'), (body, text) => {
    expect(merge(body)).toBe(text);
  });

  test.each([
    '(first name)',
    '(FIRST NAME)',
    '(FirstName)',
    '(First  Name)',
    '( First Name)',
    '(First Name )',
    '(First\u00a0Name)',
    '{firstname}',
    '{First Name}',
    '{ FirstName }',
    '(First Name|)',
  ])(verifies('templates:placeholders', '%s is taken for what it means'), (body) => {
    expect(merge(body)).toBe('Anna');
  });

  test.each(['(Cust.1)', '(CUST.  1)', '( cust. 1 )', '{customstring1}', '{Custom String 1}'])('%s too', (body) => {
    expect(merge(body)).toBe('one');
  });

  test.each([
    '(First   Name)',
    '(  First Name)',
    '(First-Name)',
    '(First Name',
    'First Name)',
    '{First Name)',
    '(FirstName}',
    '(Cust. 5)',
    '(Cust. 0)',
    '(Cust. 12)',
    '(Cust 1)',
    '{CustomString5}',
    '{CustomString}',
    '(see below)',
    '(Geolocation)',
    '{{name}}',
    '[First Name]',
    '',
  ])(verifies('templates:placeholders', '%j stays as it is'), (body) => {
    expect(merge(body)).toBe(body);
  });

  test(verifies('templates:fallback', 'without a value it is empty, or its fallback'), () => {
    for (const empty of [{}, { first_name: null }, { first_name: '' }]) {
      expect(merge('Hi (First Name)!', empty)).toBe('Hi !');
      expect(merge('Hi (First Name|there)!', empty)).toBe('Hi there!');
      expect(merge('Hi { first name |dear {x) neighbour}!', empty)).toBe('Hi { first name |dear {x) neighbour}!');
      expect(merge('Hi {FirstName|dear (x) neighbour}!', empty)).toBe('Hi dear (x) neighbour!');
      expect(merge('Hi (First Name|{LastName})!', { ...empty, last_name: 'Beck' })).toBe('Hi {LastName}!');
    }
    expect(merge('Hi (First Name|there)!')).toBe('Hi Anna!');
    const long = 'x'.repeat(101);
    expect(merge(`(First Name|${long})`)).toBe(`(First Name|${long})`);
  });

  test('tells which fields a text uses', () => {
    expect(usesFields(compile('{CustomString2} (First Name) (Cust. 2) {FirstName|x}'))).toEqual([
      'custom_2',
      'first_name',
    ]);
    expect(usesFields(compile('none'))).toEqual([]);
  });
});

describe(verifies('fault:F50', 'a hostile text'), () => {
  test('that stands in a value is not read again', () => {
    const hostile = { first_name: '(Last Name){CustomString1}', last_name: '$& $1 $`', custom_1: '{FirstName}' };
    expect(merge('(First Name)|(Last Name)|(Cust. 1)', hostile)).toBe(
      '(Last Name){CustomString1}|$& $1 $`|{FirstName}',
    );
  });

  test.each([
    '{{constructor.constructor("return process")()}}',
    '{constructor}',
    '(constructor)',
    '{__proto__}',
    '(__proto__)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it must arrive as it stands.
    '${process.env}',
    '<%= 1 %>',
    '{{#each x}}{{/each}}',
    '{toString}',
  ])('%s is only text', (body) => {
    expect(merge(body)).toBe(body);
  });

  test('a contact without own columns has nothing to give', () => {
    expect(merge('(First Name)', Object.create({ first_name: null }))).toBe('');
    expect(merge('(First Name)', JSON.parse('{"__proto__": {"x": 1}}'))).toBe('');
  });

  test('of a million parentheses costs what its length does', () => {
    const bodies = [
      '('.repeat(1_000_000),
      ')'.repeat(1_000_000),
      '{'.repeat(1_000_000),
      '(First Name|'.repeat(90_000),
      '{FirstName|'.repeat(90_000),
      '(First '.repeat(150_000),
      `(First${' '.repeat(1_000_000)}Name)`,
      '(Cust. '.repeat(150_000),
      '(First Name)'.repeat(90_000),
      '{a'.repeat(500_000),
    ];
    for (const body of bodies) {
      const started = performance.now();
      const merged = merge(body);
      unknownPlaceholders(body);
      // Far above what 2 shared cores need (20 to 200 ms), far below what anything quadratic would.
      expect(performance.now() - started, body.slice(0, 20)).toBeLessThan(5_000);
      expect(merged.length).toBe(body.startsWith('(First Name)') ? 4 * 90_000 : body.length);
    }
  });

  test('of any kind merges to its literals and its values, and nothing else', () => {
    const piece = fc.oneof(
      fc.constantFrom('(First Name)', '{LastName}', '(Cust. 1|x)', '(', ')', '{', '}', '|', 'First Name', ' '),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const body = pieces.join('');
        const { literals, fields, fallbacks } = compile(body);
        expect(literals.length).toBe(fields.length + 1);
        expect(fallbacks.length).toBe(fields.length);
        // Only placeholders are taken out: what is left stands in the text in this order.
        let at = 0;
        for (const literal of literals) {
          at = body.indexOf(literal, at) + literal.length;
          expect(at).toBeGreaterThanOrEqual(literal.length);
        }
        if (fields.length === 0) expect(merge(body)).toBe(body);
      }),
      { seed: 50, numRuns: 2_000 },
    );
  });
});

describe(verifies('fault:F51', 'merging leaves every character as it was'), () => {
  test.each([
    ['a right-to-left mark', '\u200f(First Name)\u200f', '\u200fAnna\u200f'],
    ['a zero-width space inside, which makes it another text', '(First\u200b Name)', '(First\u200b Name)'],
    ['a lone surrogate', '\ud800(First Name)\udc00', '\ud800Anna\udc00'],
    ['a family of emoji', '👨‍👩‍👧(First Name)', '👨‍👩‍👧Anna'],
    ['decomposed letters', 'e\u0301(First Name)', 'e\u0301Anna'],
    ['U+0000', '\u0000(First Name)', '\u0000Anna'],
    ['a dotless i, which is no i', '(Fırst Name)', '(Fırst Name)'],
    ['a capital I with a dot', '(Fİrst Name)', '(Fİrst Name)'],
    ['a long s, which folds to s', '(Firſt Name)', '(Firſt Name)'],
    ['a Cyrillic а', '(First Nаme)', '(First Nаme)'],
    ['full-width parentheses', '（First Name）', '（First Name）'],
  ])('%s', (_, body, merged) => {
    expect(merge(body)).toBe(merged);
  });

  test('in values as in texts', () => {
    const value = '\u202e👨‍👩‍👧 e\u0301 \u0000 İ ß €^{}';
    expect(merge('<(First Name)>', { first_name: value })).toBe(`<${value}>`);
  });
});

test(verifies('templates:unknown', 'names what will go out as it stands'), () => {
  expect(unknownPlaceholders('Hi (First Name), {FirstName|there} (see below) (2 pm)')).toEqual([]);
  const body =
    '{Email} (Cust. 5) (Cust 1) {{first_name}} (Geolocation) (Email) {Email} (Full Name) (First_Name) {x-y|z}';
  expect(unknownPlaceholders(body)).toEqual([
    '{Email}',
    '(Cust. 5)',
    '(Cust 1)',
    '{{first_name}}',
    '(Geolocation)',
    '(Email)',
    '(Full Name)',
    '(First_Name)',
    '{x-y|z}',
  ]);
  const many = Array.from({ length: 100 }, (_, i) => `{field${i}}`).join(' ');
  expect(unknownPlaceholders(many)).toHaveLength(20);
});
