import { nearName } from '@veredus/contract/near-name';
import type { Action } from '../action.ts';
import { findAction } from '../catalogue.ts';

/** In any case of letters, since models write them so. */
export function findTool(actions: readonly Action[], name: string): Action | undefined {
  const slug = name.trim().toUpperCase();
  return actions.find((action) => action.slug === slug);
}

/**
 * The name that was probably meant, as a sentence to go on with; empty where there is none near. What is an action, and none of
 * this key's, is no slip of the pen: beside CREATE_SMS_SEND stands CREATE_MMS_SEND.
 */
export function meantTool(actions: readonly Action[], name: string): string {
  if (findAction(name.trim()) !== null) return '';
  const bySlug = new Map(actions.map(({ slug }) => [bare(slug), slug]));
  const near = nearName(bare(name.trim().toUpperCase()), [...bySlug.keys()]);
  return near === null ? '' : ` Did you mean ${bySlug.get(near)}?`;
}

/** Without what every slug begins with, which models leave out. */
const bare = (slug: string): string => slug.replace(/^CLICKSEND_/, '');

/** A name as it came, of a length to be repeated. */
export const shownName = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}…` : name);
