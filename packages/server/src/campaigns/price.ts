import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { currencyOf } from '../pricing/currencies.ts';
import { toDecimal4 } from '../pricing/money.ts';
import { type CampaignInput, checkCampaign } from './check.ts';
import { quote } from './launch.ts';
import type { CampaignParts } from './send.ts';

/** What a campaign would cost if it were launched now. Nothing is stored or reserved. */
export async function priceCampaign(
  parts: CampaignParts,
  caller: Caller,
  input: CampaignInput,
): Promise<Answer<Endpoints['smsCampaignPrice']>> {
  const { campaign, warnings } = await checkCampaign(parts, parts.pool, caller, input);
  const { count, amountMicro, first, excluded } = await parts.gate(() => quote(parts, parts.pool, caller, campaign));
  const at = campaign.scheduleAt ?? parts.clock.now();
  return {
    data: {
      total_count: count,
      total_price: toDecimal4(amountMicro),
      data: {
        from: campaign.sender || caller.account.defaultSender || parts.sharedNumber,
        body: first?.body ?? campaign.body,
        schedule: Math.floor(at / 1000),
      },
      _excluded: excluded,
      _warnings: warnings,
      _currency: currencyOf(caller.account.currency),
    },
    words: 'Price calculated.',
  };
}
