import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { accountExample } from './account-example.ts';
import { currency } from './currency.ts';

/** Classic flags are 0 or 1, never true or false: the strict clients refuse a boolean. */
const flag = z.literal([0, 1]);
const decimal = (places: number) => z.string().regex(new RegExp(`^-?\\d+\\.\\d{${places}}$`));

const subaccount = z
  .object({
    subaccount_id: z.int(),
    api_username: z.string(),
    email: z.string(),
    phone_number: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    /** Masked: keys are kept as hashes and shown once, when they are made. */
    api_key: z.string(),
    access_users: flag,
    access_billing: flag,
    access_reporting: flag,
    access_contacts: flag,
    access_settings: flag,
    access_sms: flag,
    access_email: flag,
    access_voice: flag,
    access_fax: flag,
    access_post: flag,
    access_reseller: flag,
    access_mms: flag,
    access_smpp: flag,
    share_campaigns: flag,
    hide_pricing: flag,
    is_main: flag,
    notes: z.string().nullable(),
  })
  .meta({ id: 'Subaccount' });

const accountData = z
  .object({
    user_id: z.int(),
    username: z.string(),
    user_email: z.string(),
    active: flag,
    banned: flag,
    date_sign_up: z.int(),
    balance: decimal(6),
    user_phone: z.string(),
    reply_to: z.string(),
    delivery_to: z.string().nullable(),
    user_first_name: z.string(),
    user_last_name: z.string(),
    account: z.int(),
    account_name: z.string(),
    account_billing_email: z.string(),
    account_billing_mobile: z.string(),
    priority: z.int(),
    country: z.string(),
    country_ip: z.string(),
    default_country_sms: z.string(),
    auto_recharge: flag,
    auto_recharge_amount: decimal(2),
    low_credit_amount: decimal(2),
    setting_unicode_sms: flag,
    setting_email_sms_subject: flag,
    setting_fix_sender_id: flag,
    /** The most parts a message may have, despite its name. */
    setting_sms_message_char_limit: z.int(),
    old_dashboard: flag,
    balance_commission: decimal(6),
    timezone: z.string(),
    price_rate: z.int(),
    private_uploads: flag,
    fax_quality: z.int(),
    setting_sms_hide_your_number: flag,
    setting_sms_hide_business_name: flag,
    pricing_variant: z.int(),
    on_trial: flag,
    trial_expiry: z.int().nullable(),
    _currency: currency,
    /** The caller's own, main or not. */
    _subaccount: subaccount,
  })
  .meta({ id: 'Account' });

export const account = endpoint({
  id: 'account',
  method: 'GET',
  path: '/v3/account',
  summary: 'The account the caller belongs to, with its balance and settings.',
  scope: 'account:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  data: accountData,
  refusals: [],
  example: { data: accountExample },
});
