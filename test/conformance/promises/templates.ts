import { from } from '../promise.ts';

/** SMS templates and what is merged into texts. */
export const templates = {
  ...from('ClickSend v3: SMS templates', {
    'templates:crud':
      'Templates are made, read, changed and deleted; names and texts come back exactly as they were sent.',
    'templates:list': 'Templates are searched and sorted by each of their fields, and paged.',
    'templates:own': 'No account reads, changes or deletes a template of another.',
    'templates:placeholders':
      'Both spellings of every placeholder are merged, in any letter case and with a space more or less; all else stays.',
    'templates:fallback': 'A field without a value is empty, or the fallback that stands behind a bar.',
    'templates:unknown': 'Placeholders that nothing fills can be listed before a text goes out.',
    'templates:preview':
      'A preview shows, for contacts of a list, each merged text with its parts and price as a send would have them.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:sms-templates': 'smsTemplatesGet',
    'sdk:sms-template-create': 'smsTemplatesPost',
    'sdk:sms-template-update': 'smsTemplatesByTemplateIdPut',
    'sdk:sms-template-delete': 'smsTemplatesByTemplateIdDelete',
  }),
  ...from('ARCHITECTURE.md#how-it-is-tested', {
    'fault:F50': 'Templates that try to run, to look things up, to loop, or to be read twice.',
  }),
} as const;
