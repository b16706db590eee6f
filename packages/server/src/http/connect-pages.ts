import type { FastifyReply } from 'fastify';
import type { LinkRefusal, OpenedConnectLink } from '../connections/links.ts';
import { CONNECT_STYLE } from './connect-style.ts';
import { type Html, html } from './html.ts';
import { type PageExtras, sendPage } from './page.ts';

/** A page in the connect page's style. */
export function connectPage(
  reply: FastifyReply,
  status: number,
  title: string,
  content: Html,
  extras: PageExtras = {},
): FastifyReply {
  return sendPage(reply, status, title, content, { style: CONNECT_STYLE, ...extras });
}

/** For what looks before a person does: it says what the link is for, and of whom nothing. */
export function previewPage(reply: FastifyReply): FastifyReply {
  return connectPage(
    reply,
    200,
    'Connect ClickSend',
    html`<p>This link lets its owner connect a ClickSend account. It opens for one browser only, so nothing was opened yet.</p>
<form method="post">
<button type="submit" name="answer" value="open">Open it in this browser</button>
</form>`,
  );
}

/** On the way back to the application that asked, with a link for browsers that do not go by themselves. */
export function onwardPage(reply: FastifyReply, title: string, url: string): FastifyReply {
  return connectPage(
    reply,
    200,
    title,
    html`<p role="status">Taking you back to ${hostOf(url)}.</p>
<p><a href="${url}">Continue to ${hostOf(url)}</a></p>`,
    { onward: { seconds: 0, url } },
  );
}

/** For the browser that connected. */
export function connectedPage(reply: FastifyReply, link: OpenedConnectLink): FastifyReply {
  const back = link.doneUrl === null ? null : html`<p>${wayTo(link.doneUrl)}</p>\n`;
  return connectPage(
    reply,
    200,
    'Connected',
    html`<p role="status">${link.toolkitName} is connected. <strong>${link.requestedBy}</strong> can use it from now on.</p>
${back}<p class="aside">You can close this page. To take the connection back, delete it where you asked for it, or the API key where you made it.</p>`,
  );
}

export function declinedPage(reply: FastifyReply): FastifyReply {
  return connectPage(
    reply,
    200,
    'Cancelled',
    html`<p role="status">Nothing was connected, and this link is closed. You can close this page.</p>`,
  );
}

export function closedPage(reply: FastifyReply, words: string, location: string | null): FastifyReply {
  return connectPage(
    reply,
    410,
    'This link is closed',
    html`<p role="alert">${words}</p>
${location === null ? html`<p class="aside">Ask for a new link where you got this one.</p>` : html`<p>${wayTo(location)}</p>`}`,
  );
}

/** Two tries at once, e.g. by a double click: the page looks again by itself how the first one ended. */
export function busyPage(reply: FastifyReply, words: string, path: string): FastifyReply {
  return connectPage(
    reply,
    409,
    'One moment',
    html`<p role="status">${words}</p>
<p><a href="${path}">See how it went</a></p>`,
    { onward: { seconds: 3, url: path } },
  );
}

/** A form that was not drawn for this browser, or lost its cookie. */
export function forgedPage(reply: FastifyReply): FastifyReply {
  return connectPage(
    reply,
    403,
    'That form was not ours',
    html`<p role="alert">Nothing was tried. Either another page sent this form, or this browser does not keep the cookie that the connect page needs.</p>
<p class="aside">Open the link again in one tab, with cookies allowed.</p>`,
  );
}

const REFUSED: Readonly<Record<LinkRefusal['why'], { status: number; title: string }>> = {
  unknown: { status: 404, title: 'This link does not work' },
  expired: { status: 410, title: 'This link has expired' },
  closed: { status: 410, title: 'This link is closed' },
  done: { status: 410, title: 'This link was used' },
  'other-browser': { status: 403, title: 'This link is open in another browser' },
};

export function linkRefusedPage(reply: FastifyReply, refusal: LinkRefusal): FastifyReply {
  const { status, title } = REFUSED[refusal.why];
  const back = refusal.failureUrl === null ? null : html`<p>${wayTo(refusal.failureUrl)}</p>`;
  return connectPage(reply, status, title, html`<p>${refusal.message}</p>\n${back}`);
}

const wayTo = (url: string) => html`<a href="${url}">Back to ${hostOf(url)}</a>`;
const hostOf = (url: string) => new URL(url).host;
