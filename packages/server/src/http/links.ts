import type { Clock } from '@veredus/protocols/clock';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressScope } from '../accounts/address-scope.ts';
import { Backoff } from '../accounts/backoff.ts';
import type { Pool } from '../db/transaction.ts';
import { confirmOptOut } from '../links/confirm-opt-out.ts';
import { openLink } from '../links/open-link.ts';
import { LinkKind, type OpenedLink } from '../links/store.ts';
import { asRefusal } from './answers.ts';
import { askPage, donePage, failedPage, goneRefusal, waitRefusal } from './link-pages.ts';
import { QUIET } from './page.ts';

export interface LinkDoorParts {
  pool: Pool;
  clock: Clock;
  /** VEREDUS_LINK_URL; null where links stand below the public URL. */
  linkUrl: string | null;
  log(event: string, facts: Record<string, unknown>): void;
}

/**
 * Wrong codes of one address: a hundred are free, then one try (a right one too) in 1 s, 2 s, … 30 s. Against a hundred
 * million links that finds one in two years, and an address that many people share hardly ever waits. Per node, in memory.
 */
const GUESSING = { free: 100, baseMs: 1_000, capMs: 30_000, forgetMs: 15 * 60_000, keys: 20_000 };
const FORM_LIMIT = 4 * 1024;

type WithCode = FastifyRequest<{ Params: { code: string } }>;

/** Short links and the pages behind them, for whoever has one: no account, no cookie, no script. */
export function addLinks(app: FastifyInstance, parts: LinkDoorParts): void {
  const { open, press } = handlersOf(parts);
  app.register(async (door) => {
    // A form's fields say nothing that counts: whatever comes is read to its end and dropped.
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
    door.setErrorHandler((error, request, reply) => answerFailure(parts, error, request, reply));

    const serve = (url: string, here: (request: FastifyRequest) => boolean) => {
      const handler = (work: typeof open) => (request: WithCode, reply: FastifyReply) =>
        here(request) ? work(request, reply) : reply.callNotFound();
      door.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler: handler(open) });
      door.route({ method: 'POST', url, bodyLimit: FORM_LIMIT, handler: handler(press) });
    };
    // Always there: links that went out before VEREDUS_LINK_URL was set go on working.
    serve('/s/:code', () => true);
    const own = parts.linkUrl === null ? null : new URL(parts.linkUrl);
    const path = own?.pathname.replace(/\/+$/, '');
    if (own && path !== '/s') serve(`${path}/:code`, (request) => request.hostname.toLowerCase() === own.hostname);
  });
}

function handlersOf(parts: LinkDoorParts) {
  const guesses = new Backoff(GUESSING, parts.clock);

  /** What `look` finds, unless the address has to wait. The try counts as wrong until something is found. */
  async function found(request: FastifyRequest, look: () => Promise<OpenedLink | null>): Promise<OpenedLink> {
    const address = addressScope(request.ip);
    const wait = guesses.waitMs(address);
    if (wait > 0) throw waitRefusal(wait);
    guesses.charge(address);
    const link = await look().catch((error) => {
      guesses.forgive(address);
      throw error;
    });
    if (link === null) throw goneRefusal();
    guesses.forgive(address);
    return link;
  }

  return {
    async open(request: WithCode, reply: FastifyReply): Promise<FastifyReply> {
      const visit = { method: request.method, headers: request.headers };
      const link = await found(request, () => openLink(parts, request.params.code, visit));
      if (link.kind === LinkKind.click && link.url !== null) return redirect(reply, link.url);
      return askPage(reply, link);
    },
    async press(request: WithCode, reply: FastifyReply): Promise<FastifyReply> {
      return donePage(reply, await found(request, () => confirmOptOut(parts, request.params.code, request.ip)));
    },
  };
}

function answerFailure(parts: LinkDoorParts, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const refusal = asRefusal(error);
  if (refusal === null) {
    const { message, stack } = error as Error;
    // The route, never the address: the code in it is a secret.
    parts.log('request.bug', {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url,
      message,
      stack,
    });
  }
  return failedPage(reply, refusal, request.id);
}

/** To the stored address, as browsers write it: a header takes no letters beyond ASCII. */
function redirect(reply: FastifyReply, url: string): FastifyReply {
  return reply
    .status(302)
    .headers({ ...QUIET, location: new URL(url).href })
    .send();
}
