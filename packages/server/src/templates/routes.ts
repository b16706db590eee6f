import type { Handlers } from '../accounts/call.ts';
import {
  changeTemplate,
  createTemplate,
  listTemplates,
  readTemplate,
  removeTemplate,
  type TemplateParts,
} from './templates.ts';

export function templateRoutes(
  parts: TemplateParts,
): Pick<Handlers, 'smsTemplates' | 'smsTemplateCreate' | 'smsTemplate' | 'smsTemplateUpdate' | 'smsTemplateDelete'> {
  return {
    smsTemplates: ({ caller, query }) => listTemplates(parts, caller, query),
    smsTemplateCreate: ({ caller, body }) => createTemplate(parts, caller, body),
    smsTemplate: async ({ caller, params }) => ({
      data: await readTemplate(parts, caller, params.template_id),
      words: 'Template.',
    }),
    smsTemplateUpdate: ({ caller, params, body }) => changeTemplate(parts, caller, params.template_id, body),
    smsTemplateDelete: ({ caller, params }) => removeTemplate(parts, caller, params.template_id),
  };
}
