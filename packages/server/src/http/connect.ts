import type { Clock } from '@veredus/protocols/clock';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressScope } from '../accounts/address-scope.ts';
import { refused } from '../accounts/answers.ts';
import { Backoff } from '../accounts/backoff.ts';
import {
  declineConnectLink,
  LinkRefusal,
  type OpenedConnectLink,
  openConnectLink,
  type Submitted,
  submitConnectLink,
} from '../connections/links.ts';
import type { ConnectionParts, TargetName } from '../connections/parts.ts';
import type { Credentials } from '../connections/vault.ts';
import { looksAhead } from '../links/machine.ts';
import { Refusal } from '../refusal.ts';
import { asRefusal } from './answers.ts';
import { browserCookie, formProof, provesForm, readBrowsers } from './connect-cookie.ts';
import { type Fault, formPage } from './connect-form.ts';
import * as pages from './connect-pages.ts';
import { html } from './html.ts';
import { waitRefusal } from './link-pages.ts';
import { QUIET } from './page.ts';

/** Where a browser goes that connected without a callback, as a path on this server; null = a page of our own that says so. */
const AFTERWARDS: string | null = null;

/** What the page does with links; the use cases of connections/links.ts. */
export interface ConnectLinks {
  open(token: string, browser: string | null): Promise<OpenedConnectLink>;
  submit(token: string, browser: string, credentials: Credentials): Promise<Submitted>;
  decline(token: string, browser: string): Promise<{ location: string | null }>;
}

export const connectLinks = (parts: ConnectionParts): ConnectLinks => ({
  open: (token, browser) => openConnectLink(parts, token, browser),
  submit: (token, browser, credentials) => submitConnectLink(parts, token, browser, credentials),
  decline: (token, browser) => declineConnectLink(parts, token, browser),
});

export interface ConnectDoorParts {
  clock: Clock;
  links: ConnectLinks;
  /** Where callers reach this server: the one place the page takes its own address from. */
  publicUrl(): string;
  /** The hosts of the targets, as the page names them. */
  hostOf(target: TargetName): string;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Wrong tokens of one address, as for short links (links.ts): a hundred are free, then one try in 1 s, 2 s, … 30 s. */
const GUESSING = { free: 100, baseMs: 1_000, capMs: 30_000, forgetMs: 15 * 60_000, keys: 20_000 };
const FORM_LIMIT = 16 * 1024;

type WithToken = FastifyRequest<{ Params: { '*': string } }>;

/** The hosted page on which somebody connects: nobody is signed in, and nothing but the link's token opens it. */
export function addConnect(app: FastifyInstance, parts: ConnectDoorParts): void {
  const { visit, press } = handlersOf(parts);
  app.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    door.setErrorHandler((error, request, reply) => answerFailure(parts, error, request, reply));
    // All that follows is the token, so that whatever is none gets the same page as one that is unknown.
    const url = '/connect/*';
    door.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler: visit });
    door.route({ method: 'POST', url, bodyLimit: FORM_LIMIT, handler: press });
  });
}

function handlersOf(parts: ConnectDoorParts) {
  const carefully = guard(parts.clock);

  /** The link as it is now, for the browser it belongs to: the form, or that it is connected. */
  async function show(request: WithToken, reply: FastifyReply, brought: readonly string[], fault: Fault | null) {
    const place = placeOf(parts, request);
    const { link, given } = await openAsOneOf(parts.links, place.token, brought);
    if (link.browser !== null) reply.header('set-cookie', browserCookie(place, link.browser));
    if (link.done) return pages.connectedPage(reply, link);
    const proof = formProof(link.browser ?? given ?? '', place.token);
    return formPage(reply, { link, host: parts.hostOf(link.target), proof, now: parts.clock.now(), fault });
  }

  async function connect(request: WithToken, reply: FastifyReply, browser: string, form: URLSearchParams) {
    const { token } = placeOf(parts, request);
    const username = (form.get('username') ?? '').trim();
    const tried = await parts.links.submit(token, browser, { username, password: form.get('password') ?? '' });
    if (tried.kind === 'connected') {
      if (tried.location !== null) return leave(request, reply, 'Connected', tried.location);
      return seeOther(reply, AFTERWARDS ?? pathOf(parts, token));
    }
    if (tried.kind === 'closed') return pages.closedPage(reply, tried.words, tried.location);
    if (tried.kind === 'busy') return pages.busyPage(reply, tried.words, pathOf(parts, token));
    return show(request, reply, [browser], faultOf(tried, username));
  }

  async function decline(request: WithToken, reply: FastifyReply, browser: string) {
    const { location } = await parts.links.decline(placeOf(parts, request).token, browser);
    return location === null ? pages.declinedPage(reply) : leave(request, reply, 'Cancelled', location);
  }

  return {
    async visit(request: WithToken, reply: FastifyReply): Promise<FastifyReply> {
      const brought = readBrowsers(request.headers, placeOf(parts, request));
      if (brought.length === 0 && looksAhead(request)) return pages.previewPage(reply);
      return carefully(request, () => show(request, reply, brought, null));
    },
    async press(request: WithToken, reply: FastifyReply): Promise<FastifyReply> {
      const place = placeOf(parts, request);
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const brought = readBrowsers(request.headers, place);
      const answer = form.get('answer') ?? 'connect';
      // As opening it: a preview's page, which a person sees after all, leads to the form by this.
      if (answer === 'open') return carefully(request, () => show(request, reply, brought, null));
      const proof = form.get('proof') ?? '';
      const browser = brought.find((secret) => provesForm(secret, place.token, proof));
      if (browser === undefined || fromElsewhere(request)) return pages.forgedPage(reply);
      return carefully(request, () =>
        answer === 'cancel' ? decline(request, reply, browser) : connect(request, reply, browser, form),
      );
    },
  };
}

/** The link, for whichever of the secrets a browser brought along is the one it belongs to. */
async function openAsOneOf(
  links: ConnectLinks,
  token: string,
  brought: readonly string[],
): Promise<{ link: OpenedConnectLink; given: string | null }> {
  const [given = null, ...others] = brought;
  try {
    return { link: await links.open(token, given), given };
  } catch (error) {
    const another = error instanceof LinkRefusal && error.why === 'other-browser' && others.length > 0;
    if (!another) throw error;
    return openAsOneOf(links, token, others);
  }
}

/** Makes addresses wait that try tokens there are not. A try counts as wrong until the link is found. */
function guard(clock: Clock) {
  const guesses = new Backoff(GUESSING, clock);
  return async <T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> => {
    const address = addressScope(request.ip);
    const wait = guesses.waitMs(address);
    if (wait > 0) throw waitRefusal(wait);
    guesses.charge(address);
    let unknown = false;
    try {
      return await work();
    } catch (error) {
      unknown = error instanceof LinkRefusal && error.why === 'unknown';
      throw error;
    } finally {
      if (!unknown) guesses.forgive(address);
    }
  };
}

const placeOf = (parts: ConnectDoorParts, request: WithToken) => ({
  publicUrl: parts.publicUrl(),
  token: request.params['*'],
});

const pathOf = (parts: ConnectDoorParts, token: string) =>
  `${new URL(parts.publicUrl()).pathname.replace(/\/+$/, '')}/connect/${encodeURIComponent(token)}`;

/** What browsers say of a form that another site sent; others say nothing, and have to have the cookie anyway. */
function fromElsewhere({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site';
}

function faultOf(tried: Extract<Submitted, { kind: 'wrong' | 'unreachable' | 'invalid' }>, username: string): Fault {
  if (tried.kind === 'unreachable') {
    return { status: 503, title: 'That could not be checked', words: tried.words, username, fields: {} };
  }
  const invalid = tried.kind === 'invalid';
  return {
    status: 422,
    title: invalid ? 'Something is missing' : 'That did not work',
    words: invalid ? 'Nothing was tried yet.' : tried.words,
    username,
    fields: invalid ? tried.fields : { password: 'Check the username and the password or API key.' },
  };
}

const seeOther = (reply: FastifyReply, url: string): FastifyReply =>
  reply
    .status(303)
    .headers({ ...QUIET, location: url })
    .send();

/**
 * Back to who asked. A browser's form may not be redirected to a host that `form-action` does not name, nor on from there
 * (Chromium holds the whole chain to it), so a browser gets a page that goes on by itself; everybody else is redirected.
 */
function leave(request: FastifyRequest, reply: FastifyReply, title: string, url: string): FastifyReply {
  return request.headers['sec-fetch-mode'] === 'navigate' ? pages.onwardPage(reply, title, url) : seeOther(reply, url);
}

function answerFailure(parts: ConnectDoorParts, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof LinkRefusal) return pages.linkRefusedPage(reply, error);
  const refusal = refusalOf(error);
  if (refusal === null) {
    const { message, stack } = error as Error;
    // The route, never the address: the token in it is a secret.
    const { url: route } = request.routeOptions;
    parts.log('request.bug', { request: request.id, method: request.method, route, message, stack });
  }
  const { status, headers } = refused(refusal, request.id);
  const words = refusal?.message ?? `Something went wrong on our side. Please try again later. Request ${request.id}.`;
  return pages.connectPage(reply.headers(headers), status, 'That did not work', html`<p role="alert">${words}</p>`);
}

function refusalOf(error: unknown): Refusal | null {
  if ((error as { code?: string }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new Refusal('unsupported-media-type', 'This page takes the form it shows, and nothing else.');
  }
  return asRefusal(error);
}
