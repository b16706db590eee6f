import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { CONNECTION_STATUSES, isStatus, mayBecome } from './status.ts';

/** From each row to each column: y = may become, . = never. In the order of CONNECTION_STATUSES. */
const TABLE = {
  INITIALIZING: 'yyyy..y',
  INITIATED: '.yyyy.y',
  ACTIVE: '..y.y.y',
  FAILED: '.yyy..y',
  EXPIRED: '.yy.y.y',
  INACTIVE: '.....y.',
  REVOKED: '.yy...y',
} as const;

test.each(CONNECTION_STATUSES.map((from) => [from] as const))(
  verifies('connections:states', 'what %s may become'),
  (from) => {
    const row = CONNECTION_STATUSES.map((to) => (mayBecome(from, to) ? 'y' : '.')).join('');
    expect(row).toBe(TABLE[from]);
  },
);

test('nothing comes out of REVOKED or goes into ACTIVE by expiring', () => {
  expect(isStatus('ACTIVE')).toBe(true);
  expect(isStatus('active')).toBe(false);
  expect(mayBecome('REVOKED', 'EXPIRED')).toBe(false);
});
