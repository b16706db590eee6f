import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { readText } from '@veredus/protocols/smpp/text';
import type { AirPart } from './phones.ts';

const e164 = (address: string): string => (/^\d+$/.test(address) ? `+${address}` : address);

/** What a handset makes of a submit. */
export function readAir(message: ShortMessage, messageId: string, at: number): AirPart {
  return { messageId, from: e164(message.source), to: e164(message.destination), ...readText(message), at };
}
