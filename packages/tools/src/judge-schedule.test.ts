import { describe, expect, test } from 'vitest';
import { verifies } from '../../../test/conformance/promises.ts';
import { findAction } from './catalogue.ts';
import { describeAction } from './describe-action.ts';
import { passedWords } from './judge-schedule.ts';
import { performAction } from './perform.ts';

const NOW = 1_795_000_000;
const PAST = 1_600_000_000;
const WORDS = 'schedule 1600000000 is 2020-09-13T12:26:40Z, which had passed, so that nothing waits for it.';

/** The warnings of a run whose target answers these data. */
async function warningsOf(slug: string, input: Record<string, unknown>, data: unknown) {
  const envelope = { http_code: 200, response_code: 'SUCCESS', response_msg: 'Done.', data };
  const call = async () => ({ kind: 'answer', status: 200, envelope, replayed: false }) as const;
  const { result } = await performAction(findAction(slug)!, input, { call }, { idempotencyKey: null });
  return [result.successful, result.data.warnings];
}

describe(verifies('tools:passed', 'a schedule that had passed'), () => {
  test.each([
    ['that is due later, as this server answers', { schedule: NOW, date: NOW }],
    ['in digits', { schedule: String(NOW) }],
    ['that is echoed, with the time it was taken', { schedule: PAST, date: NOW }],
    ['that is left out, with the time it was taken', { schedule: '', date: NOW }],
    ['of a letter', { schedule: 0, date_added: NOW }],
  ])('is told of an answer %s', (_name, answered) => {
    expect(passedWords({ schedule: PAST }, answered)).toBe(WORDS);
  });

  test.each([
    ['is to come', { schedule: NOW + 60 }, { schedule: NOW + 60, date: NOW }],
    ['was none', {}, { schedule: NOW, date: NOW }],
    ['was 0', { schedule: 0 }, { schedule: NOW, date: NOW }],
    ['is not told of', { schedule: PAST }, { schedule: '', date: '' }],
    ['is of another shape', { schedule: PAST }, null],
    ['is no time', { schedule: PAST }, { schedule: 'soon', date: {} }],
  ])('is not where it %s', (_name, asked, answered) => {
    expect(passedWords(asked, answered)).toBeNull();
  });

  const asked = (...schedules: number[]) => ({
    messages: schedules.map((schedule, at) => ({ to: `+6141111111${at}`, body: 'x', schedule })),
  });
  const answered = (...messages: { status: string; schedule: number }[]) => ({
    messages: messages.map((message, at) => ({ to: `+6141111111${at}`, date: NOW, ...message })),
  });

  test('is a warning for each message it was given to, of those that were accepted', async () => {
    const slug = 'CLICKSEND_CREATE_SMS_SEND';
    const taken = { status: 'SUCCESS', schedule: NOW };
    const one = await warningsOf(slug, asked(PAST, NOW + 60), answered(taken, { ...taken, schedule: NOW + 60 }));
    expect(one).toEqual([true, [`+61411111110: ${WORDS}`]]);
    const refused = { status: 'INVALID_RECIPIENT', schedule: NOW };
    const [, words] = await warningsOf(slug, asked(PAST, PAST), answered(refused, taken));
    expect(words).toEqual([expect.stringMatching(/^1 of 2/), expect.any(String), `+61411111111: ${WORDS}`]);
    const seven = [...Array(7)];
    const many = await warningsOf(slug, asked(...seven.map(() => PAST)), answered(...seven.map(() => taken)));
    expect(many[1]).toHaveLength(6);
    expect((many[1] as string[]).at(-1)).toBe('And 2 more; data tells the schedule of each.');
    // Which is which is not known.
    expect(await warningsOf(slug, asked(PAST), answered(taken, taken))).toEqual([true, undefined]);
  });

  test('is a warning for a campaign', async () => {
    const campaign = { body: 'x', name: 'x', list_id: 1, schedule: PAST };
    const data = { sms_campaign_id: 31, status: 'Queued', schedule: NOW };
    for (const slug of ['CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND', 'CLICKSEND_UPDATE_SMS_CAMPAIGNS']) {
      const sent = await warningsOf(slug, { ...campaign, sms_campaign_id: 31 }, data);
      expect(sent).toEqual([true, [`Campaign 31: ${WORDS}`]]);
    }
  });

  test('is described for every action that sends', () => {
    for (const slug of ['SMS_SEND', 'MMS_SEND', 'SMS_CAMPAIGNS_SEND', 'POST_LETTERS_SEND']) {
      const described = JSON.stringify(describeAction(findAction(`CLICKSEND_CREATE_${slug}`)!).input_parameters);
      expect(described, slug).toMatch(/a time that has passed/i);
    }
  });
});
