import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inboundOf, pushedReceipt, receiptOf } from './receipts.ts';

const ID = '3B0E5C1A-77D2-4A0B-9B7C-5F0E6C2D1A90';
const row = { message_id: ID, timestamp: 1_790_000_007, status_code: 201, error_code: null, message_type: 'sms' };
const stateOf = (more: object) => receiptOf({ ...row, ...more })?.state;

describe('a receipt of the list', () => {
  it('speaks of a message by the id the cloud gave it', () => {
    const raw = JSON.stringify(row);
    expect(receiptOf(row)).toEqual({ upstreamId: ID, state: 'delivered', error: null, recipient: null, raw });
  });

  it.each([
    [{ status_code: 200 }, 'accepted'],
    [{ status_code: '201' }, 'delivered'],
    [{ status_code: 300, error_code: 16 }, 'enroute'],
    [{ status_code: 301 }, 'undeliverable'],
    [{ status_code: 301, error_code: 8 }, 'undeliverable'],
    [{ status_code: 301, error_code: '15' }, 'rejected'],
    [{ status_code: 301, error_code: 19 }, 'rejected'],
    [{ status_code: 301, error_code: 20 }, 'expired'],
    [{ status_code: 302 }, 'enroute'],
    [{ status_code: 'Completed' }, 'unknown'],
    [{ status_code: null, status: 'Delivered' }, 'delivered'],
    [{ status_code: null, status: 'Undelivered' }, 'undeliverable'],
  ])('reads %j as %s', (more, state) => expect(stateOf(more)).toBe(state));

  it('is none without an id, or of another kind of message', () => {
    expect(receiptOf({ ...row, message_id: null })).toBeNull();
    expect(receiptOf({ ...row, message_type: 'voice' })).toBeNull();
    expect(receiptOf({ message_id: ID, _message_type: 'mms', status_code: 201 })).toBeNull();
  });
});

describe('a pushed receipt', () => {
  const fields = { message_id: ID, status: 'Undelivered', status_code: '301', error_code: '20', message_type: 'sms' };

  it('is the same as a form and as JSON', () => {
    const read = { upstreamId: ID, state: 'expired', error: '20' };
    const form = new URLSearchParams(fields).toString();
    expect(pushedReceipt(form, 'application/x-www-form-urlencoded')).toMatchObject(read);
    expect(pushedReceipt(form, '')).toMatchObject(read);
    expect(pushedReceipt(JSON.stringify(fields), 'application/json; charset=utf-8')).toMatchObject(read);
    expect(pushedReceipt(form.replace('error_code=20', 'error_code='), '')).toMatchObject({
      state: 'undeliverable',
      error: null,
    });
  });

  it('is none where the body is something else', () => {
    for (const body of ['', '[]', 'null', '{"message_id": 1', JSON.stringify({ message_id: ID, body: 'Thanks!' })]) {
      expect(pushedReceipt(body, 'application/json'), body).toBeNull();
    }
    expect(pushedReceipt(`message_id=${ID}&body=Thanks`, '')).toBeNull();
  });

  it('never breaks on what a stranger sends', () => {
    const json = fc.tuple(fc.json(), fc.constant('application/json'));
    const form = fc.tuple(fc.string(), fc.constantFrom('', 'text/plain', 'application/x-www-form-urlencoded'));
    fc.assert(
      fc.property(fc.oneof(json, form), ([body, type]) => {
        const receipt = pushedReceipt(body, type);
        expect(receipt === null || typeof receipt.upstreamId === 'string').toBe(true);
      }),
    );
  });
});

describe('a message from a handset', () => {
  it('is known by the id the cloud gave it', () => {
    const reply = {
      message_id: ID,
      from: '+61411111111',
      to: '+61422222222',
      body: 'Thanks!',
      timestamp: '1790000100',
    };
    expect(inboundOf(reply)).toEqual({
      providerId: ID,
      from: '+61411111111',
      to: '+61422222222',
      body: 'Thanks!',
      part: null,
    });
    expect(inboundOf({ ...reply, message_id: '', body: null })).toMatchObject({ providerId: null, body: '' });
    expect(inboundOf({ ...reply, from: ' ' })).toBeNull();
  });
});
