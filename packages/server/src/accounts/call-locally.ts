import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { success } from '@veredus/contract/envelope';
import { readCall } from '@veredus/contract/read-call';
import type { Origin, TargetAnswer, TargetCall } from '@veredus/tools/target';
import { Refusal } from '../refusal.ts';
import { knownRefusal, refusalOfReading, refused } from './answers.ts';
import type { AnyHandler, Handlers } from './call.ts';
import { type Caller, may } from './caller.ts';

/**
 * A call of the wire made in this process, as the door makes those that come by HTTP: permission, reading, handler, envelope.
 * Throws bugs only.
 */
export async function callLocally(
  handlers: Handlers,
  caller: Caller,
  { endpoint: { id, method, path }, operation, idempotencyKey }: TargetCall,
  origin: Origin | null,
): Promise<TargetAnswer> {
  const endpoint = id === null ? undefined : (endpoints as Record<string, Endpoint>)[id];
  if (!endpoint) return { kind: 'undone', words: `channel not available yet: this server has no ${method} ${path}.` };
  try {
    if (endpoint.scope !== null && !may(caller, endpoint.scope)) {
      throw new Refusal('forbidden', `This key does not hold the permission ${endpoint.scope}.`);
    }
    const call = {
      ...readOperation(endpoint, operation),
      caller,
      idempotencyKey: endpoint.idempotent ? idempotencyKey : null,
      depth: origin?.depth ?? 0,
      // An execution of another account (whose connection leads here) is nothing of this one's.
      ...(origin?.accountId === caller.accountId && { origin }),
    };
    const handler = handlers[endpoint.id as keyof Handlers] as unknown as AnyHandler;
    const answer = await handler(call as Parameters<AnyHandler>[0]);
    const envelope = asJson(success(answer.data, answer.words ?? 'Done.'));
    return { kind: 'answer', status: 200, envelope, replayed: answer.replayed === true };
  } catch (error) {
    const refusal = knownRefusal(error);
    if (refusal === null) throw error;
    const { status, body } = refused(refusal, origin?.executionId ?? '');
    const { request_id: _, ...envelope } = body;
    return { kind: 'answer', status, envelope: { ...envelope }, replayed: false };
  }
}

/** As the terms of an address would be read, which are text. */
function readOperation(endpoint: Endpoint, { params, query, body }: TargetCall['operation']) {
  if (body !== undefined && Buffer.byteLength(JSON.stringify(body)) > endpoint.bodyLimit) {
    throw new Refusal('too-large', `This call takes ${endpoint.bodyLimit} bytes at most; make it several.`);
  }
  const reading = readCall(endpoint, { params: asTexts(params), query: asTexts(query), body });
  if (!reading.ok) throw refusalOfReading(reading.code, reading.fields);
  return reading.call;
}

const asTexts = (terms: Readonly<Record<string, string | number>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, String(value)]));

/** What would arrive over a wire. */
const asJson = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value));
