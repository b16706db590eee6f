import type { ContactField } from '../lists/contact-fields.ts';
import type { FieldOrder } from './field-order.ts';

/** How people head their columns, in letters and digits only. */
const LABELS: Readonly<Record<ContactField, string>> = {
  phone_number:
    'phone phonenumber phoneno mobile mobilenumber mobileno mobilephone cell cellphone cellnumber number msisdn tel telephone ' +
    'telephonenumber recipient sms smsnumber contactnumber primaryphone workphone homephone telefon telefonnummer handy mobil ' +
    'mobilnummer telefono movil celular portable telephoneportable',
  first_name: 'first firstname forename givenname given name fullname vorname prenom nombre',
  last_name: 'last lastname surname familyname family nachname nomdefamille apellido apellidos',
  email: 'email emailaddress mail emails emailid correo correoelectronico courriel',
  fax_number: 'fax faxnumber faxno',
  organization_name:
    'organization organisation organizationname organisationname company companyname business businessname firma',
  address_line_1: 'address address1 addressline addressline1 street street1 streetaddress strasse calle rue direccion',
  address_line_2: 'address2 addressline2 street2',
  address_city: 'city town suburb addresscity locality ort stadt ville ciudad',
  address_state: 'state province region addressstate stateprovince',
  address_postal_code: 'postcode postalcode zip zipcode addresspostalcode plz codepostal',
  address_country: 'country countrycode addresscountry land pays pais',
  custom_1: 'custom1 customfield1 customstring1',
  custom_2: 'custom2 customfield2 customstring2',
  custom_3: 'custom3 customfield3 customstring3',
  custom_4: 'custom4 customfield4 customstring4',
};

const FIELD_OF = new Map<string, ContactField>();
for (const [field, labels] of Object.entries(LABELS)) {
  for (const label of labels.split(' ')) FIELD_OF.set(label, field as ContactField);
}

/** The field a column head means, or null. */
export function fieldOfLabel(label: string): ContactField | null {
  if (label.length > 60) return null;
  const letters = label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');
  return FIELD_OF.get(letters) ?? null;
}

/**
 * Whether a row is the head of its columns: at least one cell is the name of a field, and no cell that should be a number
 * or an address could be one.
 */
export function isHeader(cells: readonly string[], order: FieldOrder): boolean {
  const named = cells.some((cell, column) => order[column] != null && fieldOfLabel(cell) !== null);
  return named && !cells.some((cell, column) => couldBeValue(cell, order[column] ?? null));
}

function couldBeValue(cell: string, field: ContactField | null): boolean {
  if (field === 'email') return cell.includes('@');
  if (field === 'phone_number' || field === 'fax_number') return (cell.match(/\d/g)?.length ?? 0) >= 4;
  return false;
}

/** What the columns seem to hold, by their head or else by what stands in them; each field once. */
export function suggestOrder(rows: readonly (readonly string[])[]): { order: FieldOrder; hasHeader: boolean } {
  const [first = [], ...others] = rows;
  const heads = first.map(fieldOfLabel);
  const hasHeader = heads.some((field) => field !== null) && !first.some((cell) => looksLike(cell) !== null);
  const guesses = first.map((cell, column) => {
    if (hasHeader && heads[column]) return heads[column];
    const values = (hasHeader ? others : rows).map((row) => row[column] ?? '').filter((value) => value.trim() !== '');
    const kinds = new Set(values.map(looksLike));
    const [kind] = kinds;
    return (hasHeader && cell.trim() !== '') || kinds.size !== 1 ? null : (kind ?? null);
  });
  return { order: guesses.map((field, column) => (guesses.indexOf(field) === column ? field : null)), hasHeader };
}

/** No address or number is longer; and only what is short may meet an expression that looks back. */
const LONGEST_ADDRESS = 254;

function looksLike(cell: string): 'phone_number' | 'email' | null {
  const text = cell.trim();
  if (text.length > LONGEST_ADDRESS) return null;
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return 'email';
  const digits = text.match(/\d/g)?.length ?? 0;
  return digits >= 7 && digits <= 16 && /^[+\d\s()./\-–]+$/.test(text) ? 'phone_number' : null;
}
