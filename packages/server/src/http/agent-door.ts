import type { FastifyRequest } from 'fastify';
import type { Authentication } from '../accounts/authenticate.ts';
import { type Caller, mayRunActions, NOT_FOR_AGENTS } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';

/** What opens this door and other brokers' doors; of two at once nobody could say whose call it is. */
const CREDENTIALS = ['authorization', 'x-api-key', 'x-user-api-key', 'x-org-api-key'] as const;

/**
 * Who asks at a door for agents: the holder of the key in `x-api-key` or `Authorization: Bearer`, exactly one of them. An
 * agent's key, a project's, or one that may do all its user may.
 *
 * @throws Refusal for no key, two, a wrong one, or one without the permission.
 */
export async function admitAgent(authentication: Authentication, request: FastifyRequest): Promise<Caller> {
  const verdict = await authentication.authenticateKey(keyOf(request), request.ip);
  if (verdict instanceof Refusal) {
    if (verdict.kind === 'missing-credentials') throw missing();
    throw verdict.kind === 'invalid-credentials' ? new Refusal(verdict.kind, 'This API key is not valid.') : verdict;
  }
  if (mayRunActions(verdict)) return verdict;
  throw new Refusal('forbidden', NOT_FOR_AGENTS);
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const [name, second] = CREDENTIALS.filter((one) => headers[one] !== undefined && headers[one] !== '');
  if (second !== undefined) {
    throw new Refusal('invalid-credentials', `Send one credential, not both ${name} and ${second}.`);
  }
  if (name === 'x-api-key') return String(headers[name]).trim();
  const bearer = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? '');
  if (name === 'authorization' && bearer) return bearer[1];
  throw missing();
}

const missing = () =>
  new Refusal('missing-credentials', 'Send an agent’s or a project’s key as `x-api-key` or `Authorization: Bearer`.');
