import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';
import { Refusal } from '../refusal.ts';
import { addressIn, CHANNEL_NUMBERS, type OptOutParts, shortened, showOptOut } from './list-opt-outs.ts';
import { OPTED_OUT_AGAIN, optIn, optOut } from './opt-out.ts';
import { findOptOut, type StoredOptOut } from './store-opt-outs.ts';

type Changing = Pick<OptOutParts, 'db' | 'clock'>;
const SMS = CHANNEL_NUMBERS.sms;

/**
 * A user says that somebody opted out. Again adds the proof of it, and makes one definite that was provisional until now.
 *
 * @throws Refusal bad-request where the number is none.
 */
export async function recordOptOut(
  { db, clock }: Changing,
  caller: Caller,
  body: Body<Endpoints['optOutRecord']>,
): Promise<Answer<Endpoints['optOutRecord']>> {
  const number = normaliseRecipient(body.phone_number, body.country ?? caller.account.country);
  if (!number) {
    const words = 'phone_number is not a number that can receive SMS; write it with + and the code of its country.';
    throw new Refusal('bad-request', words, { fields: { phone_number: words } });
  }
  return asAccountClient(db, caller.accountId, async (client) => {
    const request = requestOf(caller, number.e164, clock.now(), body.words);
    const fresh = await optOut(client, request);
    const row = await find(client, caller, number.e164, body.phone_number);
    return { data: showOptOut(row, 'sms'), words: fresh ? 'Opted out.' : 'It had opted out already.' };
  });
}

/**
 * Somebody has looked at a provisional opt-out, and it was meant: the contact leaves the list that was answered.
 *
 * @throws Refusal not-found where the number is not opted out.
 */
export async function confirmOptOut(
  { db, clock }: Changing,
  caller: Caller,
  phoneNumber: string,
  body: Body<Endpoints['optOutConfirm']>,
): Promise<Answer<Endpoints['optOutConfirm']>> {
  return asAccountClient(db, caller.accountId, async (client) => {
    const address = addressIn(phoneNumber, caller);
    const found = await find(client, caller, address, phoneNumber);
    if (!found.provisional) return { data: showOptOut(found, 'sms'), words: 'It was definite already.' };
    await optOut(client, {
      ...requestOf(caller, address, clock.now(), body?.words),
      messageId: found.message_id,
      inboundId: found.inbound_id,
      campaignId: found.campaign_id,
      listId: found.list_id,
    });
    const row = await find(client, caller, address, phoneNumber);
    return { data: showOptOut(row, 'sms'), words: 'Opted out for good.' };
  });
}

/**
 * A user lifts an opt-out, and says why.
 *
 * @throws Refusal not-found where the number is not opted out, in-progress where it has done so once more meanwhile.
 */
export async function liftOptOut(
  { db, clock }: Changing,
  caller: Caller,
  phoneNumber: string,
  body: Body<Endpoints['optOutLift']>,
): Promise<Answer<Endpoints['optOutLift']>> {
  return asAccountClient(db, caller.accountId, async (client) => {
    const address = addressIn(phoneNumber, caller);
    const lifted = await optIn(client, requestOf(caller, address, clock.now(), body.words));
    if (!lifted) {
      await find(client, caller, address, phoneNumber);
      throw new Refusal('in-progress', OPTED_OUT_AGAIN);
    }
    return { data: null, words: 'It may be written to again.' };
  });
}

function requestOf(caller: Caller, address: string, at: number, words: string | null | undefined) {
  const { accountId, userId } = caller;
  return { accountId, userId, channel: SMS, address, at, how: 'user', words: words?.trim() || null } as const;
}

async function find(run: Runner, caller: Caller, address: string, as: string): Promise<StoredOptOut> {
  const found = await findOptOut(run, caller.accountId, SMS, address);
  if (!found) throw notOptedOut(as);
  return found;
}

const notOptedOut = (phoneNumber: string) => new Refusal('not-found', `${shortened(phoneNumber)} has not opted out.`);
