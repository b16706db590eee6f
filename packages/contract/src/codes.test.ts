import { describe, expect, it } from 'vitest';
import { type AnswerCode, answerCodes, messageStatuses } from './codes.ts';
import { refusalEnvelope, refused } from './envelope.ts';
import { deliveryStatuses, errorCodes, historyStatuses } from './statuses.ts';

describe('answer codes', () => {
  it.each(Object.keys(answerCodes) as AnswerCode[])('%s has a sentence and an envelope', (code) => {
    expect(answerCodes[code].words).toMatch(/^[A-Z].*\.$/);
    if (code === 'SUCCESS') return;
    const envelope = refused(code);
    expect(refusalEnvelope.parse(envelope)).toEqual(envelope);
  });

  it('are ClickSend’s where ClickSend has one', () => {
    const wire = Object.values(answerCodes).map(({ http_code, response_code }) => `${http_code} ${response_code}`);
    expect(wire).toEqual(
      expect.arrayContaining([
        '200 SUCCESS',
        '400 BAD_REQUEST',
        '401 UNAUTHORIZED',
        '403 FORBIDDEN',
        '404 NOT_FOUND',
        '405 NOT_FOUND',
        '429 TOO_MANY_REQUESTS',
        '500 INTERNAL_SERVER_ERROR',
      ]),
    );
  });
});

describe('message statuses', () => {
  it.each(Object.entries(messageStatuses))('%s has a sentence', (status, words) => {
    expect(status).toMatch(/^[A-Z_]+$/);
    expect(words).toMatch(/^[A-Z].*\.$/);
  });
});

describe('delivery statuses', () => {
  it('every error code leads to a status there is', () => {
    expect(Object.keys(errorCodes)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    for (const { status, status_code } of Object.values(errorCodes)) {
      expect(historyStatuses).toContain(status);
      expect(deliveryStatuses).toHaveProperty(String(status_code));
    }
  });

  it('a failed message never carries a good status, nor a good one a failed', () => {
    for (const { status, status_code } of Object.values(errorCodes)) {
      expect(deliveryStatuses[status_code].good).toBe(status !== 'Failed' && status !== 'Cancelled');
    }
  });

  it('the receipt of a delivered message says what clients compare', () => {
    expect(deliveryStatuses[201].receipt).toBe('Success: Message received on handset.');
  });
});
