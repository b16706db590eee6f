import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { actions } from '@veredus/tools/catalogue';
import { describeAction } from '@veredus/tools/describe-action';

/** Every action there is, for people and for the console. */
export function showCatalogue(): Data<Endpoints['actionCatalogue']> {
  return actions.map((action) => ({
    slug: action.slug,
    title: action.title,
    description: action.description,
    read_only: action.hints.readOnly,
    destructive: action.hints.destructive,
    idempotent: action.hints.idempotent,
    open_world: action.hints.openWorld,
    spends: action.spends,
    input_schema: { ...describeAction(action).input_parameters },
  }));
}
