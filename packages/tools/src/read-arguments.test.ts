import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifies } from '../../../test/conformance/promises.ts';
import type { Action } from './action.ts';
import { actions, findAction } from './catalogue.ts';
import { describeAction } from './describe-action.ts';
import { good } from './fixtures/arguments.ts';
import { refused } from './fixtures/refused.ts';
import { readArguments, takeIdempotencyKey } from './read-arguments.ts';

const known = (slug: string): Action => {
  const action = findAction(`CLICKSEND_${slug}`);
  if (action === null) throw new Error(`no ${slug}`);
  return action;
};

const message = { to: '+61411111111', body: 'Bread is ready.' };
const campaign = { body: 'Rye is back.', name: 'Rye', list_id: 1 };
const id = { list_id: 1 };

describe('arguments', () => {
  test.each(Object.entries(good))(verifies('tools:arguments', '%s takes what was asked for'), (slug, raw) => {
    expect(readArguments(known(slug), raw)).toEqual({ ok: true, input: raw });
    // A client that checks by the listed schema lets the same through.
    const schema = z.fromJSONSchema(describeAction(known(slug)).input_parameters as never);
    expect(schema.safeParse(raw).error).toBeUndefined();
  });

  test('there are good ones for every action', () => {
    expect(
      Object.keys(good)
        .map((slug) => `CLICKSEND_${slug}`)
        .sort(),
    ).toEqual(actions.map(({ slug }) => slug));
  });

  test.each(refused)(verifies('tools:arguments', '%s refuses %j: %s'), (slug, raw, words) => {
    const read = readArguments(known(slug), raw);
    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(words) });
    if (read.ok) return;
    expect(read.error).toMatch(/^Nothing was done\. /);
    const [field, sentence] = Object.entries(read.fields)[0] ?? ['', ''];
    expect(sentence.startsWith(field)).toBe(true);
  });

  test('many faults are cut to five sentences, and all stand in the fields', () => {
    const read = readArguments(known('CREATE_SMS_SEND'), { messages: Array(20).fill({ body: 'x' }) });
    if (read.ok) throw new Error('was taken');
    expect(read.error.match(/is required/g)).toHaveLength(5);
    expect(read.error).toMatch(/And 15 more arguments are wrong\.$/);
    expect(Object.keys(read.fields)).toHaveLength(20);
  });

  test('what is wrong a hundred thousand times is looked at fifty times', () => {
    const wrong = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`a${n}`.padStart(50, 'x'), 1]));
    const read = readArguments(known('CREATE_SMS_SEND'), { messages: Array(100).fill(wrong), ...wrong });
    if (read.ok) throw new Error('was taken');
    expect(Object.keys(read.fields)).toHaveLength(50);
    expect(read.error).toMatch(/And at least 45 more arguments are wrong\.$/);
  });

  test.each([
    ['CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, listId: 3 }, 'listId is not known; did you mean list_id?'],
    ['CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, messge: 'x' }, 'messge is not known; there are body,'],
    ['CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, shedule: 3 }, 'shedule is not known; did you mean schedule?'],
    ['CREATE_LISTS_CONTACTS', { ...id, phone: '+61411111111' }, 'phone is not known; did you mean phone_number?'],
    ['CREATE_SMS_SEND', { messages: [{ ...message, text: 'x' }] }, 'messages[0].text is not known; did you mean body?'],
    ['GET_ACCOUNT', { verbose: true }, 'verbose is not known: this action takes no arguments.'],
    ['GET_LISTS', { idempotency_key: 'k' }, 'idempotency_key is not known; there are page, limit.'],
    ['GET_ACCOUNT', JSON.parse('{"__proto__": 1}'), '__proto__ is not known'],
  ])(verifies('tools:unknown-argument', '%s: %j'), (slug, raw, words) => {
    expect(readArguments(known(slug), raw)).toMatchObject({ ok: false, error: expect.stringContaining(words) });
  });

  test(verifies('tools:any-json', 'nothing that is JSON makes the reading throw'), () => {
    const names = [...new Set(actions.flatMap(({ input }) => Object.keys(input.shape)))];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((inner) => JSON.stringify(inner)),
    );
    const near = fc.dictionary(fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string()), value);
    const items = fc.record({ messages: fc.array(near), recipients: fc.array(near), field_order: fc.array(value) });
    fc.assert(
      fc.property(fc.constantFrom(...actions), fc.oneof(value, near, items), (action, raw) => {
        const read = readArguments(action, raw);
        if (read.ok) return;
        expect(read.error).toMatch(/^Nothing was done\. \S/);
        expect(Object.keys(read.fields).length).toBeGreaterThan(0);
      }),
      { numRuns: 1_500 },
    );
  });

  test(verifies('tools:key', 'the key is split off what the action is about'), () => {
    expect(takeIdempotencyKey({ list_name: 'VIP', idempotency_key: 'k-1' })).toEqual({
      input: { list_name: 'VIP' },
      key: 'k-1',
    });
    expect(takeIdempotencyKey({ list_name: 'VIP' })).toEqual({ input: { list_name: 'VIP' }, key: null });
  });
});
