import { encodePart } from '@veredus/protocols/gsm/parts';
import type { DataPdu } from '@veredus/protocols/smpp/pdu';
import { STATUS } from '@veredus/protocols/smpp/status';
import { numberTlv, TAG } from '@veredus/protocols/smpp/tlv';
import { describe, expect, it, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { submit } from '../../../../../test/rig/smpp-pdus.ts';
import { type ReadSubmit, readSubmit } from './read-submit.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const plain = { ...submit, validityPeriod: '' };
const read = (fields: Partial<typeof submit>, country = 'AU') => readSubmit({ ...plain, ...fields }, country, NOW);
const sound = (fields: Partial<typeof submit>, country = 'AU'): ReadSubmit => {
  const answer = read(fields, country);
  if (typeof answer === 'number') throw new Error(`refused: ${answer}`);
  return answer;
};

describe(verifies('smpp-door:coding', 'the text of a submit'), () => {
  test.each([
    ['GSM', 0, encodePart('Crème [brûlée]? €5 @ Ω', 'gsm'), 'Crème [br?lée]? €5 @ Ω'],
    ['ASCII', 1, Buffer.from('a@b_c'), 'a@b_c'],
    ['Latin-1', 3, Buffer.from('Crème brûlée', 'latin1'), 'Crème brûlée'],
    ['UCS-2', 8, encodePart('Γειά 🍞', 'ucs2'), 'Γειά 🍞'],
    ['GSM with a class', 0x10, encodePart('@', 'gsm'), '@'],
    ['UCS-2 with a class', 0x18, encodePart('Ж', 'ucs2'), 'Ж'],
    ['the default alphabet with a class', 0xf0, encodePart('@', 'gsm'), '@'],
  ])('in %s', (_, dataCoding, shortMessage, body) => {
    expect(sound({ dataCoding, shortMessage }).body).toBe(body);
  });

  test.each([2, 4, 5, 6, 7, 9, 10, 13, 14, 0x14, 0x1c, 0xf4, 0xf5, 0xff])('in coding %i is refused', (dataCoding) => {
    expect(read({ dataCoding })).toBe(STATUS.ESME_RSUBMITFAIL);
  });

  it('may come in message_payload, and in data_sm', () => {
    const tlvs = [{ tag: TAG.message_payload, value: Buffer.from('x'.repeat(700)) }];
    expect(sound({ shortMessage: Buffer.alloc(0), tlvs }).body).toHaveLength(700);
    const data: DataPdu = { ...plain, command: 'data_sm', tlvs: [...tlvs, numberTlv(TAG.qos_time_to_live, 60, 4)] };
    expect(readSubmit(data, 'AU', NOW)).toMatchObject({ body: 'x'.repeat(700), validityMs: 60_000, schedule: null });
  });

  it('is copied: the bytes it came in may change', () => {
    const shortMessage = Buffer.from('Hi');
    const { body } = sound({ shortMessage });
    shortMessage.fill(0x41);
    expect(body).toBe('Hi');
  });
});

describe('what is no text for a person', () => {
  test.each<[string, Partial<typeof submit>, keyof typeof STATUS]>([
    ['is marked as a receipt', { esmClass: 0x04 }, 'ESME_RINVESMCLASS'],
    ['is to a port', { tlvs: [numberTlv(TAG.destination_port, 2948, 2)] }, 'ESME_ROPTPARNOTALLWD'],
    [
      'is to a port, by its header',
      { esmClass: 0x40, shortMessage: Buffer.from([6, 5, 4, 11, 132, 35, 240, 65]) },
      'ESME_RINVESMCLASS',
    ],
    ['has a header longer than itself', { esmClass: 0x40, shortMessage: Buffer.from([9, 0, 3]) }, 'ESME_RINVMSGLEN'],
    ['has a header and no octets', { esmClass: 0x40, shortMessage: Buffer.alloc(0) }, 'ESME_RINVMSGLEN'],
    ['has two texts', { tlvs: [{ tag: TAG.message_payload, value: Buffer.from('b') }] }, 'ESME_ROPTPARNOTALLWD'],
    ['asks for a text of ours', { defaultMessageId: 3 }, 'ESME_RINVDFTMSGID'],
  ])('%s', (_, fields, status) => {
    expect(read(fields)).toBe(STATUS[status]);
  });
});

describe(verifies('smpp-door:numbers', 'addresses'), () => {
  test.each([
    ['61411111111', 1, 'AU', '+61411111111'],
    ['61411111111', 1, 'US', '+61411111111'],
    ['0061411111111', 1, 'US', '+61411111111'],
    ['+61411111111', 0, 'US', '+61411111111'],
    ['0411111111', 2, 'AU', '+61411111111'],
    ['0411111111', 0, 'AU', '+61411111111'],
    ['61411111111', 0, 'AU', '+61411111111'],
    // No number of the United States, so it is meant as international.
    ['61411111111', 0, 'US', '+61411111111'],
    ['4055555555', 0, 'US', '+14055555555'],
    ['abc', 1, 'AU', 'abc'],
    ['12', 0, 'AU', '12'],
  ])('to %s of type %i in %s is %s', (destination, destinationTon, country, to) => {
    expect(sound({ destination, destinationTon }, country).to).toBe(to);
  });

  test.each([
    ['Bakehouse', 5, 'Bakehouse'],
    ['Bakehouse', 0, 'Bakehouse'],
    ['', 0, ''],
    ['61411111111', 1, '+61411111111'],
    ['0411111111', 0, '+61411111111'],
    ['24x7', 1, '24x7'],
  ])('from %j of type %i is %j', (source, sourceTon, from) => {
    expect(sound({ source, sourceTon }).from).toBe(from);
  });
});

describe(verifies('smpp-door:times', 'schedule and validity'), () => {
  const at = (ms: number) => Math.floor(ms / 1000);
  test.each<[string, string, string, { schedule: number | null; validityMs: number | null } | keyof typeof STATUS]>([
    ['nothing', '', '', { schedule: null, validityMs: null }],
    ['in an hour', '000000010000000R', '', { schedule: at(NOW) + 3600, validityMs: null }],
    ['at a moment', '260101140000000+', '', { schedule: at(NOW) + 7200, validityMs: null }],
    ['at a moment of another zone', '260101140000004+', '', { schedule: at(NOW) + 3600, validityMs: null }],
    ['in the past', '250101140000000+', '', { schedule: null, validityMs: null }],
    ['for ten minutes', '', '000000001000000R', { schedule: null, validityMs: 600_000 }],
    ['until a moment', '', '260101120130000+', { schedule: null, validityMs: 90_000 }],
    ['due and valid', '000000010000000R', '000000030000000R', { schedule: at(NOW) + 3600, validityMs: 7_200_000 }],
    ['over before it is due', '000000030000000R', '000000010000000R', 'ESME_RINVEXPIRY'],
    ['over already', '', '260101110000000+', 'ESME_RINVEXPIRY'],
    ['no schedule', 'soon', '', 'ESME_RINVSCHED'],
    ['no validity', '', 'long', 'ESME_RINVEXPIRY'],
  ])('%s', (_, scheduleDelivery, validityPeriod, expected) => {
    const answer = read({ scheduleDelivery, validityPeriod });
    if (typeof expected === 'string') expect(answer).toBe(STATUS[expected]);
    else expect(answer).toMatchObject(expected);
  });

  it('is never early by less than a second', () => {
    const answer = readSubmit({ ...plain, scheduleDelivery: '000000000010000R' }, 'AU', NOW + 400);
    expect(answer).toMatchObject({ schedule: at(NOW) + 11 });
  });
});

test.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [0x11, 1],
  [0x1c, 0],
])('of registered_delivery %i the receipt bits count', (registeredDelivery, registered) => {
  expect(sound({ registeredDelivery }).registered).toBe(registered);
});
