import type { Handlers } from '../accounts/call.ts';
import { confirmOptOut, liftOptOut, recordOptOut } from './change-opt-outs.ts';
import { listOptOuts, type OptOutParts, readProof } from './list-opt-outs.ts';

export function optOutRoutes(
  parts: OptOutParts,
): Pick<Handlers, 'optOuts' | 'optOutRecord' | 'optOutConfirm' | 'optOutLift' | 'optOutHistory'> {
  return {
    optOuts: ({ caller, query }) => listOptOuts(parts, caller, query),
    optOutRecord: ({ caller, body }) => recordOptOut(parts, caller, body),
    optOutConfirm: ({ caller, params, body }) => confirmOptOut(parts, caller, params.phone_number, body),
    optOutLift: ({ caller, params, body }) => liftOptOut(parts, caller, params.phone_number, body),
    optOutHistory: ({ caller, params, query }) => readProof(parts, caller, params.phone_number, query),
  };
}
