import { scopes } from '@veredus/contract/scopes';
import { describe, expect, it } from 'vitest';
import { may, permissions } from './caller.ts';

describe('may', () => {
  it('lets a key do exactly what it was given', () => {
    for (const held of permissions) {
      for (const wanted of permissions) expect(may({ scopes: [held] }, wanted)).toBe(held === wanted);
      expect(may({ scopes: ['*'] }, held)).toBe(true);
      expect(may({ scopes: [] }, held)).toBe(false);
    }
  });

  it('knows every permission of the contract and those of the doors', () => {
    expect(permissions).toEqual(expect.arrayContaining([...Object.keys(scopes), 'agent:use', 'broker:use']));
  });
});
