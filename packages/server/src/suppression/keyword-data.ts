/**
 * The words that take a number out, let it in again, or ask for help, by family of languages. A family counts for numbers of
 * its countries; the first counts everywhere. This is data to be kept current, and no legal advice: `source` says where
 * the words come from, `checked` when somebody last looked.
 */
export interface KeywordFamily {
  name: string;
  /** ISO 3166 alpha-2 of the number that writes; '*' = all. */
  countries: readonly string[];
  optOut: readonly string[];
  optIn: readonly string[];
  help: readonly string[];
  source: string;
  /** Year and month. */
  checked: string;
}

export const KEYWORDS: readonly KeywordFamily[] = [
  {
    name: 'English',
    countries: ['*'],
    optOut: [
      ...['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'OPT OUT'],
      ...['REMOVE'],
    ],
    optIn: ['START', 'UNSTOP', 'SUBSCRIBE'],
    help: ['HELP', 'INFO'],
    source: '47 CFR 64.1200(a)(10); the default sets of Twilio, Telnyx and AWS',
    checked: '2026-11',
  },
  {
    name: 'French',
    countries: [
      ...['FR', 'BE', 'CH', 'LU', 'CA', 'MC', 'RE', 'GP', 'MQ', 'GF', 'YT', 'BL', 'MF', 'PM', 'NC', 'PF', 'WF'],
    ],
    optOut: ['ARRÊT', 'TD', 'DÉSABONNER'],
    optIn: ['START', 'DÉBUT'],
    help: ['AIDE', 'INFO'],
    source: 'ARRET and TD: AWS, two-way keywords for Canada; the others: usage',
    checked: '2026-11',
  },
  {
    name: 'Spanish',
    countries: [
      ...['ES', 'MX', 'AR', 'BO', 'CL', 'CO', 'CR', 'CU', 'DO', 'EC', 'GQ', 'GT', 'HN', 'NI', 'PA', 'PE', 'PR', 'PY'],
      ...['SV', 'UY', 'VE', 'US'],
    ],
    optOut: ['BAJA', 'ALTO', 'PARAR', 'CANCELAR', 'NO MÁS'],
    optIn: ['ALTA'],
    help: ['AYUDA'],
    source: 'NO MAS: compliance guides for the United States; the others: usage',
    checked: '2026-11',
  },
  {
    name: 'Portuguese',
    countries: ['PT', 'BR', 'AO', 'CV', 'GW', 'MZ', 'ST', 'TL'],
    optOut: ['SAIR', 'PARAR', 'CANCELAR'],
    optIn: ['VOLTAR'],
    help: ['AJUDA'],
    source: 'usage',
    checked: '2026-11',
  },
  {
    name: 'German',
    countries: ['DE', 'AT', 'CH', 'LI', 'LU'],
    optOut: ['STOPP', 'ABMELDEN'],
    optIn: ['START'],
    help: ['HILFE'],
    source: 'usage',
    checked: '2026-11',
  },
  {
    name: 'Italian',
    countries: ['IT', 'SM', 'VA', 'CH'],
    optOut: ['ANNULLA', 'CANCELLA'],
    optIn: ['ATTIVA'],
    help: ['AIUTO'],
    source: 'usage',
    checked: '2026-11',
  },
  {
    name: 'Dutch',
    countries: ['NL', 'BE', 'SR'],
    optOut: ['UIT', 'AFMELDEN'],
    optIn: ['AAN'],
    help: ['HULP'],
    source: 'UIT: operators of the Netherlands; the others: usage',
    checked: '2026-11',
  },
  {
    name: 'Nordic',
    countries: ['SE', 'NO', 'DK', 'FI', 'IS', 'AX', 'FO', 'GL', 'SJ'],
    optOut: ['STOPP', 'AVBRYT', 'AFMELD'],
    optIn: ['START'],
    help: ['HJÄLP', 'HJÆLP', 'HJELP'],
    source: 'usage',
    checked: '2026-11',
  },
  {
    name: 'Polish, Czech, Slovak',
    countries: ['PL', 'CZ', 'SK'],
    optOut: ['WYPISZ', 'ODHLÁSIT'],
    optIn: ['START'],
    help: ['POMOC'],
    source: 'usage',
    checked: '2026-11',
  },
];

/**
 * Opt-out words that people also write without meaning it (Dutch "ik kom uit Gent"): within a longer text they say nothing,
 * unless it is no longer than two words ("end please").
 */
export const EVERYDAY: readonly string[] = ['END', 'TD', 'BAJA', 'ALTO', 'PARAR', 'SAIR', 'UIT', 'NO MÁS'];
