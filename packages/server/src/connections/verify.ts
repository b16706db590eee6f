import type { TargetAnswer } from '@veredus/tools/target';
import { storable } from '../db/storable.ts';
import { canBeHidden, hideCredentials } from '../outbound/hide-credentials.ts';
import { TARGET_NAMES, type TargetName, type TargetOf } from './parts.ts';
import type { Credentials } from './vault.ts';

/** Whether credentials are right, and if nobody can say so now, why. None of the words holds them. */
export type Verdict =
  | { kind: 'right'; remoteAccount: string | null }
  | { kind: 'wrong'; words: string }
  /** `silent` = the target gave no answer; the words may then tell of addresses inside, which are nothing for strangers. */
  | { kind: 'unreachable'; words: string; silent?: true };

const ACCOUNT = { id: 'account', method: 'GET', path: '/v3/account' } as const;

/**
 * Asks the target for its account, as the one who has these credentials, for the account whose connection it is or will be.
 *
 * @throws Refusal too-many-requests where this server looks at no more of them for a while.
 */
export async function verify(
  targets: Readonly<Record<TargetName, TargetOf>>,
  { accountId, target: name }: { accountId: number; target: TargetName },
  credentials: Credentials,
): Promise<Verdict> {
  const answer = await targets[name](credentials, { accountId, checks: true }).call({
    endpoint: ACCOUNT,
    operation: {},
    idempotencyKey: null,
  });
  return judge(answer, TARGET_NAMES[name], credentials);
}

function judge(answer: TargetAnswer, who: string, credentials: Credentials): Verdict {
  // Targets name themselves in their words.
  if (answer.kind !== 'answer') return { kind: 'unreachable', words: quiet(answer.words, credentials), silent: true };
  const { status, envelope } = answer;
  if (status === 200) return right(envelope.data, who, credentials);
  const said = typeof envelope.response_msg === 'string' ? quiet(envelope.response_msg, credentials) : '';
  if (status === 401)
    return { kind: 'wrong', words: `${capital(who)} does not know this username and password or key.` };
  if (status === 403) return { kind: 'wrong', words: `${capital(who)} refuses these credentials: ${said}`.trim() };
  return unreachable(`${capital(who)} could not say now (HTTP ${status}). ${said}`.trim());
}

const unreachable = (words: string): Verdict => ({ kind: 'unreachable', words });

/** Some other service may answer 200 to everything: then these are no credentials of a ClickSend account. */
function right(data: unknown, who: string, credentials: Credentials): Verdict {
  if (data === null || typeof data !== 'object') {
    return unreachable(`${capital(who)} answered something that is no account of ClickSend's.`);
  }
  const { account_name, username, user_id } = data as Record<string, unknown>;
  const name = [account_name, username].find((text) => typeof text === 'string' && text.trim() !== '');
  const remoteAccount = (name as string | undefined) ?? (user_id === undefined ? null : `account ${String(user_id)}`);
  // With a password that cannot be hidden in it, it is not kept.
  const kept = remoteAccount !== null && canBeHidden(credentials.password);
  return { kind: 'right', remoteAccount: kept ? quiet(remoteAccount, credentials) : null };
}

/** What somebody else said, short and without the password. */
function quiet(words: string, credentials: Credentials): string {
  return cut(storable(hideCredentials(credentials)(words)));
}

const cut = (text: string) => [...text].slice(0, 200).join('');
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
