import type { ToolAnswer } from '@veredus/tools/host';
import { failed } from '@veredus/tools/result';
import { z } from 'zod';
import { Refusal, type RefusalKind } from '../../refusal.ts';
import { depthOf } from '../depth.ts';
import type { BrokerCall, Route } from './door.ts';
import type { BrokerParts } from './parts.ts';
import { fault } from './query.ts';
import { readBody } from './read-body.ts';
import { checkVersion } from './toolkits.ts';
import { toolOf } from './tools.ts';

/** A thousand messages of the longest text, in any script. */
const EXECUTION_BODY = 4 * 1024 * 1024;
const KEY = 255;
const RUN_ID = /^[\x21-\x7e]{1,128}$/;
/** What is said of a call before anything of it was done. The rest is a result: clients show only results to their models. */
const THROWN: readonly RefusalKind[] = ['not-found', 'forbidden', 'unavailable', 'bad-request'];

export function executionRoutes(parts: BrokerParts): Route[] {
  return [
    {
      method: 'POST',
      url: '/tools/execute/:slug',
      need: 'none',
      execution: true,
      bodyLimit: EXECUTION_BODY,
      work: (call) => execute(parts, call),
    },
  ];
}

const text = z.string().max(255).nullish();
const BODY = z.object({
  arguments: z
    .union([z.record(z.string(), z.unknown()), z.string()], { error: 'must be an object, or one as JSON text.' })
    .nullish(),
  user_id: text,
  entity_id: text,
  connected_account_id: text,
  version: text,
  text: z.unknown().optional(),
  custom_auth_params: z.unknown().optional(),
  custom_connection_data: z.unknown().optional(),
});

/** What clients send beside is not to be taken for one of these. */
const HARMLESS = ['version', 'text', 'custom_auth_params', 'custom_connection_data'];

async function execute(parts: BrokerParts, call: BrokerCall) {
  const body = readBody(BODY, call.body, HARMLESS);
  refuseForeign(body);
  checkVersion(body.version ?? null);
  const { actor, params, headers, reply } = call;
  const { slug } = toolOf(parts, actor, params.slug!);
  const userId = body.user_id || body.entity_id || null;
  const connectionId = body.connected_account_id || null;
  // A project acts for people of its own: without a name it would act as any of them.
  if (actor.agent === null && userId === null && connectionId === null) {
    throw fault('user_id', 'is required: the user whose connection is used; or name one as connected_account_id.');
  }
  const answer = await run(() =>
    parts.runAction(actor, {
      slug,
      arguments: body.arguments ?? {},
      face: 'broker',
      connection: { connectionId, userId, needed: actor.agent === null },
      idempotencyKey: keyOf(headers),
      repetition: repeats(headers),
      runId: runIdOf(headers),
      depth: depthOf(headers),
    }),
  );
  if (answer.replayed) reply.header('idempotent-replayed', 'true');
  return showAnswer(answer);
}

/** Whatever came of it is told as a result, once it may have been done: then no client sends it again. */
async function run(work: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || THROWN.includes(error.kind)) throw error;
    return { ...failed(error.message), logId: null, replayed: false };
  }
}

function showAnswer({ data, error, successful, logId, replayed }: ToolAnswer) {
  return {
    data: replayed ? { ...data, replayed: true } : data,
    error,
    successful,
    ...(logId !== null && { log_id: logId }),
  };
}

/** Credentials are kept sealed, and come into a connection on one way only. */
function refuseForeign(body: z.output<typeof BODY>): void {
  for (const field of ['custom_connection_data', 'custom_auth_params'] as const) {
    if (body[field] != null) {
      throw fault(
        field,
        'is not taken: credentials belong in a connection. Make one, and name it as connected_account_id.',
      );
    }
  }
  if (body.text != null) {
    throw fault('text', 'is not taken: this server asks no model to make arguments of it. Send arguments.');
  }
}

type Headers = BrokerCall['headers'];

function keyOf(headers: Headers): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined || key === '') return null;
  if (typeof key === 'string' && key.length <= KEY) return key;
  throw fault('Idempotency-Key', `must be one text of at most ${KEY} characters.`);
}

/** Clients count how often they have sent it before. */
const repeats = (headers: Headers): boolean => Number(headers['x-stainless-retry-count'] ?? 0) > 0;

function runIdOf(headers: Headers): string | null {
  const id = headers['x-run-id'];
  if (id === undefined || id === '') return null;
  if (typeof id === 'string' && RUN_ID.test(id)) return id;
  throw fault('x-run-id', 'must be at most 128 visible characters of ASCII.');
}
