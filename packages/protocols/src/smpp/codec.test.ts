import { describe, expect, it, test } from 'vitest';
import { library } from '../../../../test/rig/smpp-library.ts';
import { bindFields, bytesOf, submit } from '../../../../test/rig/smpp-pdus.ts';
import { decode } from './decode.ts';
import type { MessagePdu, Pdu } from './pdu.ts';
import { STATUS } from './status.ts';
import { NO_TLVS, numberTlv, TAG, textTlv } from './tlv.ts';
import { unwritable } from './unwritable.ts';

const dataFields = {
  serviceType: 'CMT',
  sourceTon: 1,
  sourceNpi: 1,
  source: '61411111111',
  destinationTon: 0,
  destinationNpi: 1,
  destination: '19',
  esmClass: 4,
  registeredDelivery: 0,
  dataCoding: 8,
  tlvs: [{ tag: TAG.message_payload, value: Buffer.from([0, 0x41]) }],
};

/** Written by hand from SMPP 3.4 §4 and §5. */
const VECTORS: [string, Pdu][] = [
  [
    '0000002400000009000000000000000176657265647573007365637265740000' + '34000000',
    { command: 'bind_transceiver', sequence: 1, status: 0, ...bindFields },
  ],
  [
    '0000004400000004000000000000000200050053454e444552000101363134313131313131313100000000' +
      '003030303030313030303030303030305200' +
      '01000000024869',
    submit,
  ],
  ['00000013800000040000000000000002316100', response('submit_sm_resp', 0, '1a')],
  ['00000011800000040000000b0000000200', response('submit_sm_resp', STATUS.ESME_RINVDSTADR, '')],
  [
    '0000003f000000050000000000000007000101363134313131313131313100050056455245445553000400000000000000000000' +
      '1e000331610004270001' +
      '02',
    {
      ...submit,
      command: 'deliver_sm',
      sequence: 7,
      sourceTon: 1,
      sourceNpi: 1,
      source: '61411111111',
      destinationTon: 5,
      destinationNpi: 0,
      destination: 'VEREDUS',
      esmClass: 4,
      validityPeriod: '',
      registeredDelivery: 0,
      shortMessage: Buffer.alloc(0),
      tlvs: [textTlv(TAG.receipted_message_id, '1a'), numberTlv(TAG.message_state, 2, 1)],
    },
  ],
  ['00000010000000150000000000000003', { command: 'enquire_link', sequence: 3, status: 0 }],
  ['00000010800000000000000200000000', { command: 'generic_nack', sequence: 0, status: STATUS.ESME_RINVCMDLEN }],
];

function response(command: 'submit_sm_resp' | 'data_sm_resp', status: number, messageId: string): Pdu {
  return { command, sequence: 2, status, messageId, tlvs: NO_TLVS };
}

function written(pdu: Pdu): Buffer {
  expect(unwritable(pdu)).toBeNull();
  return bytesOf(pdu);
}
const read = (bytes: Buffer) => decode(bytes, 0, bytes.length);

describe('[smpp:codec] vectors', () => {
  test.each(VECTORS)('%s', (hex, pdu) => {
    expect(written(pdu).toString('hex')).toBe(hex);
    expect(read(Buffer.from(hex, 'hex'))).toEqual(pdu);
  });

  const others: Pdu[] = [
    { command: 'bind_receiver', sequence: 9, status: 0, ...bindFields, addressRange: '^614' },
    { command: 'bind_transmitter', sequence: 9, status: 0, ...bindFields },
    { command: 'bind_transceiver_resp', sequence: 9, status: 0, systemId: 'centre', tlvs: [numberTlv(0x210, 0x34, 1)] },
    { command: 'data_sm', sequence: 0x7fffffff, status: 0, ...dataFields },
    response('data_sm_resp', 0, 'x'.repeat(64)),
    { command: 'query_sm', sequence: 5, status: 0, messageId: 'a', sourceTon: 1, sourceNpi: 1, source: '614' },
    {
      command: 'query_sm_resp',
      sequence: 5,
      status: 0,
      messageId: 'a',
      finalDate: '260101000000000+',
      messageState: 2,
      errorCode: 0,
    },
    { command: 'unbind', sequence: 6, status: 0 },
    { command: 'unbind_resp', sequence: 6, status: 0 },
  ];
  test.each(others)('$command comes back as it went', (pdu) => expect(read(written(pdu))).toEqual(pdu));

  it('reads responses that are a header alone, as centres send when they refuse', () => {
    const bytes = Buffer.from('00000010800000050000006400000009', 'hex');
    expect(read(bytes)).toEqual({ command: 'deliver_sm_resp', sequence: 9, status: 0x64, messageId: '', tlvs: [] });
  });
});

describe('[smpp:codec] the npm smpp library', () => {
  it('reads our submit_sm', () => {
    const theirs = library.PDU.fromBuffer(written({ ...submit, tlvs: [numberTlv(TAG.sar_msg_ref_num, 0x1234, 2)] }));
    expect(theirs).toMatchObject({
      command: 'submit_sm',
      source_addr_ton: 5,
      source_addr: 'SENDER',
      destination_addr: '61411111111',
      registered_delivery: 1,
      short_message: { message: 'Hi' },
      sar_msg_ref_num: 0x1234,
    });
  });

  it('reads our deliver_sm and bind', () => {
    const receipt = written(VECTORS[4]![1]);
    expect(library.PDU.fromBuffer(receipt)).toMatchObject({
      command: 'deliver_sm',
      esm_class: 4,
      receipted_message_id: '1a',
      message_state: 2,
    });
    expect(library.PDU.fromBuffer(written(VECTORS[0]![1]))).toMatchObject({
      system_id: 'veredus',
      password: 'secret',
      interface_version: 0x34,
    });
  });

  it('writes a submit_sm, a deliver_sm with TLVs and responses that we read', () => {
    const fields = {
      source_addr: 'A',
      destination_addr: '614',
      data_coding: 0,
      short_message: 'a€b',
      sequence_number: 4,
    };
    const theirs = new library.PDU('submit_sm', { ...fields, message_payload: Buffer.from('long') });
    const ours = read(theirs.toBuffer()) as MessagePdu;
    expect(ours).toMatchObject({ command: 'submit_sm', sequence: 4, source: 'A', destination: '614' });
    expect([...ours.shortMessage]).toEqual([0x61, 0x1b, 0x65, 0x62]);
    expect(ours.tlvs).toEqual([{ tag: TAG.message_payload, value: Buffer.from('long') }]);
    const answer = (fields: object) =>
      read(new library.PDU('submit_sm_resp', { sequence_number: 4, ...fields }).toBuffer());
    expect(answer({ message_id: 'beef' })).toMatchObject({ sequence: 4, messageId: 'beef', status: 0 });
    expect(answer({ command_status: 0x58 })).toMatchObject({ sequence: 4, messageId: '', status: 0x58 });
  });
});

describe('strictness', () => {
  const whole = written(submit);
  /** The same PDU with bytes exchanged and its length put right. */
  const broken = (change: (bytes: Buffer) => Buffer): Buffer => {
    const bytes = change(Buffer.from(whole));
    bytes.writeUInt32BE(bytes.length, 0);
    return bytes;
  };
  const cases: [string, Buffer, number][] = [
    ['an unknown command', broken((b) => b.fill(0xee, 4, 8).fill(0, 4, 7)), STATUS.ESME_RINVCMDID],
    ['a body cut off in a string', broken((b) => b.subarray(0, 23)), STATUS.ESME_RINVSRCADR],
    ['a body cut off in its fixed fields', broken((b) => b.subarray(0, whole.length - 5)), STATUS.ESME_RINVCMDLEN],
    ['an sm_length beyond the body', broken((b) => b.fill(200, b.length - 3, b.length - 2)), STATUS.ESME_RINVMSGLEN],
    [
      'an address of 21 characters',
      written({ ...submit, destination: '1'.repeat(20) }).fill(0x31, 30, 60),
      STATUS.ESME_RINVDSTADR,
    ],
    ['a TLV cut off in its head', broken((b) => Buffer.concat([b, Buffer.from([4, 0x24, 0])])), 0xc0],
    ['a TLV longer than the body', broken((b) => Buffer.concat([b, Buffer.from([4, 0x24, 0, 9, 1])])), 0xc2],
  ];
  test.each(cases)('%s is a value with the status to nack it with', (_, bytes, status) => {
    expect(read(bytes)).toMatchObject({ command: 'malformed', status, why: expect.any(String) });
  });

  it('cuts at every length into a PDU or a refusal, and throws at none', () => {
    for (let length = 16; length < whole.length; length++) {
      expect(read(broken((b) => b.subarray(0, length))).command).toBe('malformed');
    }
  });

  it('does not write what does not fit', () => {
    expect(unwritable({ ...submit, shortMessage: Buffer.alloc(255) })).toContain('at most 254');
    expect(unwritable({ ...submit, source: 'S'.repeat(21) })).toContain('at most 20');
    expect(unwritable({ ...submit, source: 'Ω' })).toContain('cannot carry');
    expect(unwritable({ ...submit, destination: '1\x002' })).toContain('cannot carry');
    const payload = { tag: TAG.message_payload, value: Buffer.alloc(65_500) };
    expect(unwritable({ ...submit, tlvs: [payload] })).toContain('at most 65536');
  });
});
