import type { Handlers } from '../accounts/call.ts';
import { type ShowActionsParts, showActions } from './show-actions.ts';

export function ruleActionRoutes(parts: ShowActionsParts): Pick<Handlers, 'inboundRuleActions'> {
  return { inboundRuleActions: ({ caller, params, query }) => showActions(parts, caller, params, query) };
}
