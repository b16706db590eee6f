import type { OpenedLink } from './store.ts';

/** The number as it stands on a page that anybody may look at who has the link: `+61 ••• 111`. */
export function maskedNumber(recipient: string): string {
  return `••• ${recipient.slice(-3)}`;
}

/** What is confirmed by the button, and kept as the proof. */
export function optOutSentence(link: Pick<OpenedLink, 'account_name' | 'recipient'>): string {
  return `Stop all text messages from ${link.account_name} to the number ending in ${link.recipient.slice(-3)}.`;
}
