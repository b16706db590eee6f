/**
 * How the pretend mail server treats an address. ClickSend documents test1@test.com, test2@test.com and test3@test.com as
 * never really sent to: they deliver, as every address does but these, by which each way a mail can go can be tried.
 */
export type MailBehaviour =
  /** It lies in the mailbox. */
  | 'deliver'
  /** Refused for good: no such mailbox. */
  | 'bounce'
  /** Put off once, as by greylisting; tried again, it is delivered. */
  | 'defer-once'
  /** Taken, and the connection breaks before that is said: nobody knows. */
  | 'break-off';

export const MAIL_SENTINELS: ReadonlyMap<string, MailBehaviour> = new Map([
  ['test1@test.com', 'deliver'],
  ['test2@test.com', 'deliver'],
  ['test3@test.com', 'deliver'],
  ['bounce@sandbox.test', 'bounce'],
  ['later@sandbox.test', 'defer-once'],
  ['lost@sandbox.test', 'break-off'],
]);

export const mailBehaviourOf = (address: string): MailBehaviour =>
  MAIL_SENTINELS.get(address.toLowerCase()) ?? 'deliver';
