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

/** A mail that lies in the pretend mailbox. */
export interface MailboxMail {
  id: string;
  message_id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  received_at: number;
  size: number;
}

export interface Sandbox {
  phones: {
    list(): readonly string[];
    messages(e164: string): readonly PhoneMessage[];
    /** The handset writes back; false when nobody is bound to take it. */
    answer(e164: string, message: { to: string; body: string }): boolean;
  } | null;
  mailbox: {
    /** The newest last; null = of all recipients. */
    list(to: string | null): readonly MailboxMail[];
    raw(id: string): Buffer | null;
  } | null;
  /** Moves the sandbox's time; null where it runs on the machine's clock. */
  advance: ((milliseconds: number) => void) | null;
}

const LONGEST_STEP_S = 400 * 86_400;

export interface SandboxParts {
  authentication: Authentication;
  sandbox: Sandbox;
  /** The first account: the sandbox shows what all accounts sent. */
  ownerAccountId: number;
  publicUrl: () => string;
}

/** Lets the owner in. */
type Admit = (request: FastifyRequest) => Promise<void>;

/** The pretend world's own API, for the owner: what arrived on the phones and in the mailbox, answers from phones, time travel. */
export function addSandbox(app: FastifyInstance, parts: SandboxParts): void {
  const owner: Admit = async (request) => {
    const caller = await admit(parts.authentication, request, { scope: null });
    if (caller.accountId !== parts.ownerAccountId)
      throw new Refusal('forbidden', 'The sandbox is open to the first account only: it shows what all of them sent.');
    if (!caller.scopes.includes('*'))
      throw new Refusal('forbidden', 'The sandbox is open to keys with all permissions only.');
  };
  addPhones(app, owner, parts.sandbox);
  addMailbox(app, owner, parts);
  addClock(app, owner, parts.sandbox);
}

function addPhones(app: FastifyInstance, owner: Admit, sandbox: Sandbox): void {
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
}

function addMailbox(app: FastifyInstance, owner: Admit, { sandbox, publicUrl }: SandboxParts): void {
  const mailbox = () => {
    if (sandbox.mailbox) return sandbox.mailbox;
    throw new Refusal(
      'not-found',
      'Mails do not go to a sandbox of this node: VEREDUS_EMAIL_CARRIER is set, or other nodes send them.',
    );
  };
  app.get<{ Querystring: { to?: unknown } }>('/sandbox/mailbox', async (request) => {
    await owner(request);
    const { to } = request.query;
    const mails = mailbox().list(typeof to === 'string' && to !== '' ? to : null);
    const shown = mails.map((mail) => ({ ...mail, raw_url: `${publicUrl()}/sandbox/mailbox/${mail.id}/raw` }));
    return success(shown, 'Mails in the mailbox, the newest last.');
  });
  app.get<{ Params: { id: string } }>('/sandbox/mailbox/:id/raw', async (request, reply) => {
    await owner(request);
    const raw = mailbox().raw(request.params.id);
    if (raw === null)
      throw new Refusal(
        'not-found',
        'There is no such mail in the mailbox; it keeps the newest 1,000, until a restart.',
      );
    return reply
      .header('content-type', 'message/rfc822')
      .header('content-disposition', 'attachment; filename="mail.eml"')
      .header('x-content-type-options', 'nosniff')
      .send(raw);
  });
}

function addClock(app: FastifyInstance, owner: Admit, sandbox: Sandbox): void {
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
