import type { Target, TargetAnswer } from '@veredus/tools/target';
import { knownRefusal, refused } from '../accounts/answers.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import { callLocally } from '../accounts/call-locally.ts';
import type { Caller } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import type { Asking, TargetOf } from './parts.ts';
import type { Credentials } from './vault.ts';

export interface LocalParts {
  authentication: Pick<Authentication, 'authenticateConnection'>;
  /** Known once all are wired: some of them work with connections themselves. */
  handlers(): Handlers;
}

/**
 * This server as the target of a connection, without a request to ourselves: the credentials go through the one door for
 * credentials, and the call through the permissions, limits and handlers of the API.
 *
 * Whoever only asks whether credentials are right is refused (thrown) where too many were wrong: that is no answer to keep and
 * to ask again for.
 */
export function localTarget(parts: LocalParts): TargetOf {
  return (credentials, asking): Target => ({
    async call(call) {
      const verdict = await admit(parts, credentials, asking);
      if (verdict instanceof Refusal) {
        if (asking.checks && verdict.kind === 'too-many-requests') throw verdict;
        return answerOf(verdict);
      }
      return callLocally(parts.handlers(), verdict, call, call.origin ?? null);
    },
  });
}

async function admit(
  { authentication }: LocalParts,
  { username, password }: Credentials,
  { accountId }: Asking,
): Promise<Caller | Refusal> {
  const header = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const verdict = await judge(() =>
    authentication.authenticateConnection(header, `connections of account ${accountId}`),
  );
  if (verdict instanceof Refusal) return verdict;
  // It would let whoever holds one agent's key act through another agent's rules.
  if (verdict.agentId != null)
    return new Refusal('invalid-credentials', 'The key of an agent is none to connect with.');
  return verdict;
}

/** With the database away nobody is admitted, and nothing was done. */
async function judge(work: () => Caller | Refusal | Promise<Caller | Refusal>): Promise<Caller | Refusal> {
  try {
    return await work();
  } catch (error) {
    const refusal = knownRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}

/** As the wire would say it. */
function answerOf(refusal: Refusal): TargetAnswer {
  const { status, body } = refused(refusal, '');
  const { request_id: _, ...envelope } = body;
  const wait = refusal.retryAfter === null ? '' : ` Try again in ${refusal.retryAfter} s.`;
  return { kind: 'answer', status, envelope: { ...envelope, response_msg: refusal.message + wait }, replayed: false };
}
