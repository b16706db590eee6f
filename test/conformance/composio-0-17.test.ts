import { describe } from 'vitest';
import { benchFor, sdkSuite } from './composio-suite.ts';

describe('@composio/core 0.17.0', () => {
  sdkSuite('0-17', benchFor('0-17'));
});
