import { createHash } from 'node:crypto';
import type { Target, TargetAnswer } from '@veredus/tools/target';
import { knownRefusal, refused } from '../accounts/answers.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import { callLocally } from '../accounts/call-locally.ts';
import type { Caller } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import type { TargetOf } from './parts.ts';
import type { Credentials } from './vault.ts';

export interface LocalParts {
  authentication: Pick<Authentication, 'authenticate'>;
  /** Known once all are wired: some of them work with connections themselves. */
  handlers(): Handlers;
}

/**
 * This server as the target of a connection, without a request to ourselves: the credentials go through the one door for
 * credentials, and the call through the permissions, limits and handlers of the API.
 */
export function localTarget(parts: LocalParts): TargetOf {
  return (credentials): Target => ({
    async call(call) {
      const verdict = await admit(parts, credentials);
      if (verdict instanceof Refusal) return answerOf(verdict);
      return callLocally(parts.handlers(), verdict, call, call.origin ?? null);
    },
  });
}

async function admit({ authentication }: LocalParts, { username, password }: Credentials): Promise<Caller | Refusal> {
  const header = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const verdict = await judge(() => authentication.authenticate(header, scopeOf(username)));
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

/**
 * Where the try comes from, for the back-off: not an address people sign in from, and one for each username. So wrong
 * passwords in connections hold up the connections of that username, and neither its owner nor anybody else's.
 */
function scopeOf(username: string): string {
  return `connections ${createHash('sha256').update(username.toLowerCase()).digest('hex')}`;
}

/** As the wire would say it. */
function answerOf(refusal: Refusal): TargetAnswer {
  const { status, body } = refused(refusal, '');
  const { request_id: _, ...envelope } = body;
  const wait = refusal.retryAfter === null ? '' : ` Try again in ${refusal.retryAfter} s.`;
  return { kind: 'answer', status, envelope: { ...envelope, response_msg: refusal.message + wait }, replayed: false };
}
