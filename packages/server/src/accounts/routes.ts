import type { Data } from '@veredus/contract/endpoint';
import type { account } from '@veredus/contract/endpoints/account';
import { asAccount, type Database } from '../db/db.ts';
import { currencyOf } from '../pricing/currencies.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { type Caller, may, type Permission } from './caller.ts';
import { maskKey } from './keys.ts';
import { readProfile } from './store-accounts.ts';

type AccountData = Data<typeof account>;
type Profile = Awaited<ReturnType<typeof readProfile>>;

/** `GET /account`: the caller's account with its balance, and his own user under `_subaccount`. Reads one row. */
export async function readAccount(parts: { db: Database }, caller: Caller): Promise<AccountData> {
  const profile = await asAccount(parts.db, caller.accountId, (tx) => readProfile(tx, caller.userId, caller.keyId));
  return {
    ...settingsOf(profile),
    user_id: profile.account_id,
    username: profile.username,
    user_email: profile.email,
    user_phone: profile.phone,
    user_first_name: profile.first_name,
    user_last_name: profile.last_name,
    active: flag(profile.active),
    banned: flag(profile.banned),
    date_sign_up: Math.floor(profile.created_at / 1000),
    balance: toDecimal6(profile.available_micro),
    account_name: profile.name,
    account_billing_email: profile.billing_email,
    account_billing_mobile: profile.billing_phone,
    country: profile.country,
    country_ip: profile.country,
    default_country_sms: profile.country,
    low_credit_amount: toDecimal6(profile.low_credit_micro).slice(0, -4),
    setting_sms_message_char_limit: profile.max_parts,
    timezone: profile.timezone,
    _currency: currencyOf(profile.currency),
    _subaccount: subaccountOf(profile, caller),
  };
}

/** Settings of ClickSend's platform that have no counterpart here, at the values its own samples show. */
function settingsOf(profile: Profile) {
  return {
    reply_to: 'originalemail',
    delivery_to: null,
    account: 0,
    priority: 0,
    auto_recharge: 0,
    auto_recharge_amount: '0.00',
    setting_unicode_sms: 0,
    setting_email_sms_subject: 0,
    setting_fix_sender_id: flag(profile.default_sender !== ''),
    old_dashboard: 0,
    balance_commission: '0.000000',
    price_rate: 0,
    private_uploads: 0,
    fax_quality: 0,
    setting_sms_hide_your_number: 0,
    setting_sms_hide_business_name: 0,
    pricing_variant: 0,
    on_trial: 0,
    trial_expiry: null,
  } as const;
}

function subaccountOf(profile: Profile, caller: Caller): AccountData['_subaccount'] {
  const holds = (permission: Permission) => flag(may(caller, permission));
  const all = flag(caller.scopes.includes('*'));
  return {
    subaccount_id: profile.user_id,
    api_username: profile.username,
    email: profile.email,
    phone_number: profile.phone,
    first_name: profile.first_name,
    last_name: profile.last_name,
    // Keys are stored as hashes and shown once, when they are made; a caller who used the password has none to show.
    api_key: maskKey(profile.last_four ?? '****'),
    access_users: all,
    access_billing: all,
    access_reporting: holds('statistics:read'),
    access_contacts: all,
    access_settings: all,
    access_sms: holds('sms:send'),
    access_email: all,
    access_voice: all,
    access_fax: all,
    access_post: all,
    access_reseller: 0,
    access_mms: all,
    access_smpp: 0,
    share_campaigns: 0,
    hide_pricing: 0,
    is_main: flag(profile.is_main),
    notes: null,
  };
}

function flag(on: boolean): 0 | 1 {
  return on ? 1 : 0;
}
