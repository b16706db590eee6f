import { z } from 'zod';
import { countryOrNone, emailOrNone, phoneOrNone } from '../fields.ts';

const text = (words: string) => z.string().optional().describe(words);

/** What a contact holds. Empty text is nothing: a new contact lacks the field, a changed one loses it. */
export const contactFields = {
  phone_number: phoneOrNone().optional().describe('Phone number in full international form, as +14155552999.'),
  email: emailOrNone().optional().describe('Email address.'),
  first_name: text('First name; stands in texts as (First Name).'),
  last_name: text('Last name; stands in texts as (Last Name).'),
  organization_name: text('Company or organisation.'),
  address_line_1: text('First line of the street address.'),
  address_city: text('City.'),
  address_state: text('State or province.'),
  address_postal_code: text('Postal or ZIP code.'),
  address_country: countryOrNone().optional().describe('Country as two capital letters of ISO 3166-1, as US or AU.'),
  custom_1: text('Anything you want to keep; stands in texts as (Cust. 1).'),
  custom_2: text('Anything you want to keep; stands in texts as (Cust. 2).'),
  custom_3: text('Anything you want to keep; stands in texts as (Cust. 3).'),
  custom_4: text('Anything you want to keep; stands in texts as (Cust. 4).'),
  fax_number: text('Fax number in full international form.'),
};

const filled = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';

type Reachable = Partial<Record<'phone_number' | 'email' | 'fax_number', string | undefined>>;

/** A contact nobody can reach is none. */
export function checkReachable(contact: Reachable, context: z.core.$RefinementCtx): void {
  if (filled(contact.phone_number) || filled(contact.email) || filled(contact.fax_number)) return;
  const message = 'is missing: give at least one of phone_number, email and fax_number.';
  context.addIssue({ code: 'custom', path: ['phone_number'], message });
}

const changeable = Object.keys(contactFields);

export function checkChanges(input: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  if (changeable.some((name) => input[name] !== undefined)) return;
  const message = `nothing to change was given: give at least one of ${changeable.join(', ')}.`;
  context.addIssue({ code: 'custom', path: [], message });
}
