import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';

export const smsCancel = endpoint({
  id: 'smsCancel',
  method: 'PUT',
  path: '/v3/sms/{message_id}/cancel',
  summary: 'Cancel one scheduled SMS.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ message_id: z.string().min(1) }),
  /** Null rather than the [] of older descriptions, which the strict clients refuse. */
  data: z.null(),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: null },
});

/**
 * A tag that is there but empty would cancel everything where its sender meant something narrower, so it is refused; only
 * its absence means all.
 */
const tag = 'must be text that is not empty; leave it out to cancel every scheduled message.';

export const smsCancelAll = endpoint({
  id: 'smsCancelAll',
  method: 'PUT',
  path: '/v3/sms/cancel-all',
  summary: 'Cancel every scheduled SMS, or those with a given custom_string.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .object({ custom_string: z.string(tag).min(1, tag).optional() })
    .nullish()
    .meta({ id: 'SmsCancelAllInput' }),
  data: z.object({ count: z.int().min(0) }).meta({ id: 'SmsCancelAllResult' }),
  refusals: ['BAD_REQUEST'],
  example: { body: { custom_string: 'order-2207' }, data: { count: 1 } },
});
