import { success } from '@veredus/contract/envelope';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authentication } from '../accounts/authenticate.ts';
import { Refusal } from '../refusal.ts';
import { admit } from './app.ts';

/** A text that stands on a virtual phone. */
export interface PhoneMessage {
  message_id: string;
  from: string;
  to: string;
  body: string;
  parts: number;
  media: readonly string[];
  received_at: number;
}

export interface Sandbox {
  phones: {
    list(): readonly string[];
    messages(e164: string): readonly PhoneMessage[];
    /** The handset writes back; false when nobody is bound to take it. */
    answer(e164: string, message: { to: string; body: string }): boolean;
  } | null;
  /** Moves the sandbox's time; null where it runs on the machine's clock. */
  advance: ((milliseconds: number) => void) | null;
}

const LONGEST_STEP_S = 400 * 86_400;

/** The pretend world's own API, for the owner: what arrived on the phones, answers from them, time travel. */
export function addSandbox(app: FastifyInstance, parts: { authentication: Authentication; sandbox: Sandbox }): void {
  const { sandbox } = parts;
  const owner = async (request: FastifyRequest) => {
    const caller = await admit(parts.authentication, request, { scope: null });
    if (!caller.scopes.includes('*'))
      throw new Refusal('forbidden', 'The sandbox is open to keys with all permissions only.');
  };
  const phones = () => {
    if (sandbox.phones) return sandbox.phones;
    throw new Refusal('not-found', 'SMS do not go to the sandbox here: VEREDUS_SMS_CARRIER is set.');
  };
  app.get('/sandbox/phones', async (request) => {
    await owner(request);
    return success(phones().list(), 'Phones.');
  });
  app.get<{ Params: { e164: string } }>('/sandbox/phones/:e164/messages', async (request) => {
    await owner(request);
    return success(phones().messages(numberOf(request.params.e164)), 'Messages on this phone.');
  });
  app.post<{ Params: { e164: string }; Body: { to?: unknown; body?: unknown } | undefined }>(
    '/sandbox/phones/:e164/messages',
    async (request) => {
      await owner(request);
      const { to, body } = request.body ?? {};
      if (typeof to !== 'string' || typeof body !== 'string' || to === '' || body === '') {
        throw new Refusal('bad-request', 'The handset needs to and body.', {
          fields: { ...(to ? {} : { to: 'to is required.' }), ...(body ? {} : { body: 'body is required.' }) },
        });
      }
      if (!phones().answer(numberOf(request.params.e164), { to, body })) {
        throw new Refusal('unavailable', 'No link to the sandbox is up to take it.', { retryAfter: 1 });
      }
      return success(null, 'Sent from the handset.');
    },
  );
  app.post<{ Body: { advance_seconds?: unknown } | undefined }>('/sandbox/clock', async (request) => {
    await owner(request);
    if (!sandbox.advance)
      throw new Refusal('not-found', 'Time moves by itself here; start with VEREDUS_CLOCK=sandbox to move it.');
    const seconds = request.body?.advance_seconds;
    if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= LONGEST_STEP_S)) {
      const words = `advance_seconds must be a number from 0 to ${LONGEST_STEP_S}.`;
      throw new Refusal('bad-request', words, { fields: { advance_seconds: words } });
    }
    sandbox.advance(seconds * 1000);
    return success({ advanced_seconds: seconds }, 'Moved.');
  });
}

/** In a path `+` may come as it is, as %2B, as a space, or be left out. */
const numberOf = (text: string): string => `+${text.replace(/\D/g, '')}`;
