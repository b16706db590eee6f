import { describe, expect, it } from 'vitest';
import { readCall } from '../read-call.ts';
import { smsMessage } from './sms-message.ts';
import { smsSend } from './sms-send.ts';

const parcel = { to: '+61411111111', body: 'Your bread is baked.' };

describe('a sound message', () => {
  it('has every field, absent texts empty and absent ids null', () => {
    expect(smsMessage.parse(parcel)).toEqual({
      to: '+61411111111',
      list_id: null,
      body: 'Your bread is baked.',
      from: '',
      schedule: null,
      custom_string: '',
      source: '',
      country: '',
      from_email: null,
      contact_id: null,
      exclude_no_sender_id_recipients: false,
      fault: null,
    });
  });

  it.each([
    ['a list by number', { list_id: 77, body: 'x' }, { list_id: '77', to: '' }],
    ['a list by text', { list_id: '77', body: 'x' }, { list_id: '77' }],
    ['a contact by number', { ...parcel, contact_id: 9 }, { contact_id: '9' }],
    ['a contact of 0', { ...parcel, contact_id: 0 }, { contact_id: null }],
    ['a recipient as a number', { ...parcel, to: 61411111111 }, { to: '61411111111' }],
    ['a schedule', { ...parcel, schedule: 1790000000 }, { schedule: 1790000000 }],
    ['a schedule as digits', { ...parcel, schedule: '1790000000' }, { schedule: 1790000000 }],
    ['a schedule of 0', { ...parcel, schedule: 0 }, { schedule: null }],
    ['a blank schedule', { ...parcel, schedule: '' }, { schedule: null }],
    ['nulls', { ...parcel, from: null, schedule: null, custom_string: null }, { from: '', custom_string: '' }],
  ])('takes %s', (_, raw, read) => {
    expect(smsMessage.parse(raw)).toMatchObject({ ...read, fault: null });
  });

  it('never carries what it does not know', () => {
    const raw = JSON.parse('{"to":"1","body":"x","status":"SUCCESS","fault":null,"__proto__":{"price":0}}');
    const message = smsMessage.parse(raw);
    expect(Object.keys(message)).not.toContain('status');
    expect('price' in message).toBe(false);
  });
});

describe('a broken message keeps what can be read and says what is wrong', () => {
  it.each([
    ['no recipient', { body: 'x' }, 'MISSING_REQUIRED_FIELDS', 'to or list_id is required.'],
    ['a blank recipient', { to: ' ', body: 'x' }, 'MISSING_REQUIRED_FIELDS', 'to or list_id is required.'],
    ['no text', { to: '1' }, 'MISSING_REQUIRED_FIELDS', 'body is required.'],
    ['a blank text', { to: '1', body: ' \n' }, 'EMPTY_MESSAGE', 'body is empty.'],
    ['milliseconds', { ...parcel, schedule: 1790000000123 }, 'INVALID_SCHEDULE', 'use 1790000000.'],
    ['a schedule in words', { ...parcel, schedule: 'tomorrow' }, 'INVALID_SCHEDULE', 'such as 1790000000'],
    ['a schedule of true', { ...parcel, schedule: true }, 'INVALID_SCHEDULE', 'schedule must be'],
    ['a recipient that is a list', { to: ['1'], body: 'x' }, 'INVALID_RECIPIENT', 'to must be'],
    ['a text that is an object', { to: '1', body: {} }, 'EMPTY_MESSAGE', 'body must be'],
    ['a sender that is true', { ...parcel, from: true }, 'INVALID_SENDER_ID', 'from must be'],
    ['a tag that is a list', { ...parcel, custom_string: [] }, 'SOMETHING_IS_WRONG', 'custom_string'],
    ['a text alone', 'hello', 'MISSING_REQUIRED_FIELDS', 'object'],
    ['nothing', null, 'MISSING_REQUIRED_FIELDS', 'object'],
    ['a list', [parcel], 'MISSING_REQUIRED_FIELDS', 'object'],
  ])('%s', (_, raw, status, words) => {
    const { fault } = smsMessage.parse(raw);
    expect(fault).toEqual({ status, words: expect.stringContaining(words) });
  });

  it('beside its fault', () => {
    const raw = { ...parcel, to: {}, custom_string: 'order-1', constructor: 1 };
    expect(smsMessage.parse(raw)).toMatchObject({ to: '', body: parcel.body, custom_string: 'order-1' });
  });
});

describe('a full call', () => {
  const sound = Array.from({ length: 1_000 }, (_, number) => ({
    ...parcel,
    from: 'Bakehouse',
    custom_string: `order-${number}`,
    source: 'shop',
    country: 'AU',
    schedule: 0,
    from_email: 'owner@bakehouse.example',
  }));

  /** The quickest of some runs, in ms: what the code needs, whoever else is using the machine. */
  function quickest(messages: object[]): number {
    const runs = Array.from({ length: 60 }, () => {
      const start = performance.now();
      expect(readCall(smsSend, { body: { messages } }).ok).toBe(true);
      return performance.now() - start;
    });
    return Math.min(...runs);
  }

  // 0.2 ms and 3.5 ms measured; the bounds are wide, to catch a parser that is no longer compiled, not a busy machine.
  it('of sound messages is read in about a quarter of a millisecond', () => {
    expect(quickest(sound)).toBeLessThan(2);
  });

  it('of broken messages costs little more', () => {
    const broken = sound.map((message) => ({ ...message, to: {} }));
    expect(quickest(broken)).toBeLessThan(40);
  });
});
