import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { PALETTE } from './connect-style.ts';

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test('contrast is what WCAG says it is', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

test(verifies('connect:accessible', 'every text can be read on what it stands on, and every edge be seen'), () => {
  for (const [theme, colours] of Object.entries(PALETTE)) {
    const texts = [
      ...(['text', 'quiet', 'error', 'link'] as const).map((name) => [name, 'page'] as const),
      ...(['text', 'quiet'] as const).map((name) => [name, 'panel'] as const),
      ['press-text', 'press'] as const,
    ];
    for (const [text, ground] of texts) {
      expect([theme, text, ground, contrast(colours[text], colours[ground]) >= 4.5]).toEqual([
        theme,
        text,
        ground,
        true,
      ]);
    }
    for (const edge of ['border', 'press'] as const) {
      expect([theme, edge, contrast(colours[edge], colours.page) >= 3]).toEqual([theme, edge, true]);
    }
  }
});
