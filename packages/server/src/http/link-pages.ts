import type { FastifyReply } from 'fastify';
import { refused } from '../accounts/answers.ts';
import { maskedNumber, optOutSentence } from '../links/opt-out-link.ts';
import type { OpenedLink } from '../links/store.ts';
import { Refusal } from '../refusal.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';

/** Asks before anything changes: mail and message scanners open links, and press no buttons. */
export function askPage(reply: FastifyReply, link: OpenedLink): FastifyReply {
  return sendPage(
    reply,
    200,
    'Stop text messages?',
    html`<p>${optOutSentence(link)}</p>
<form method="post">
<button type="submit">Stop messages</button>
</form>
<p class="aside">Opening this page changes nothing. To go on receiving messages, close it.</p>`,
  );
}

export function donePage(reply: FastifyReply, link: OpenedLink): FastifyReply {
  return sendPage(
    reply,
    200,
    'You have opted out',
    html`<p role="status">${link.account_name} will send no more text messages to your number (${maskedNumber(link.recipient)}).</p>
<p class="aside">Changed your mind? Reply START to one of their messages, or ask them to let you back in.</p>`,
  );
}

/** Whatever went wrong, in words for the one who opened a link; a bug (null) with the number under which it is logged. */
export function failedPage(reply: FastifyReply, refusal: Refusal | null, requestId: string): FastifyReply {
  const { status, headers } = refused(refusal, requestId);
  reply.headers(headers);
  const title = status === 404 ? 'This link does not work' : 'That did not work';
  const words = refusal?.message ?? `Something went wrong on our side. Please try again later. Request ${requestId}.`;
  return sendPage(reply, status, title, html`<p>${words}</p>`);
}

export const goneRefusal = () =>
  new Refusal(
    'not-found',
    'It may have expired, or a letter of it is missing. Open it again from the message it came in.',
  );

export const waitRefusal = (waitMs: number) =>
  new Refusal(
    'too-many-requests',
    'Too many links that do not exist were tried from your network. Wait a moment and try again.',
    {
      retryAfter: Math.ceil(waitMs / 1000),
    },
  );
