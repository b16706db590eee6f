import type { Handlers } from '../accounts/call.ts';
import type { TestPushParts } from '../webhooks/push-test.ts';
import { type InboundParts, listInbound, markInboundRead, markOneRead, readReply } from './list-inbound.ts';
import { testInbound } from './test-inbound.ts';

export function inboundRoutes(
  parts: InboundParts & TestPushParts,
): Pick<Handlers, 'smsInbound' | 'smsInboundReply' | 'smsInboundRead' | 'smsInboundReadOne' | 'smsInboundTest'> {
  return {
    smsInbound: ({ caller, query }) => listInbound(parts, caller, query),
    smsInboundReply: ({ caller, params }) => readReply(parts, caller, params),
    smsInboundRead: ({ caller, body }) => markInboundRead(parts, caller, body),
    smsInboundReadOne: ({ caller, params }) => markOneRead(parts, caller, params),
    smsInboundTest: ({ caller, body, depth }) => testInbound(parts, caller, body, depth),
  };
}
