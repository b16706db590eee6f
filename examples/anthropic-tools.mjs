// The tools in Anthropic's format, and a model's tool use run through them: prices two messages, and sends none.
import { AnthropicProvider } from '@composio/anthropic';
import { check, step } from './check.mjs';
import { withConnection } from './connect.mjs';

/** What a model would answer; here it is written by hand, so that no key of a model is needed. */
const message = (name, input) => ({
  role: 'assistant',
  content: [
    { type: 'text', text: 'Let me see what that would cost.' },
    { type: 'tool_use', id: 'toolu_1', name, input },
  ],
});

await withConnection(new AnthropicProvider(), async ({ composio, userId }) => {
  step('Listing the tools for messages.create');
  const tools = await composio.tools.get(userId, { toolkits: ['clicksend'] });
  check('there are 26', tools.length === 26, tools.length);
  check(
    'each has a name, a description and an input_schema',
    tools.every(({ name, description, input_schema }) => name && description && input_schema.type === 'object'),
  );

  step('The model prices two messages');
  const [answer] = await composio.provider.handleToolCalls(
    userId,
    message('CLICKSEND_SMS_PRICE_POST', {
      messages: [
        { to: '+61411111111', body: 'Your bread is ready.' },
        { to: '+61422222222', body: 'Your bread is ready.' },
      ],
    }),
  );
  const [result] = answer.content;
  check('the result goes back by its id', answer.role === 'user' && result.tool_use_id === 'toolu_1', answer);
  // This adapter hands the model the `data` of a result; where it failed, the error stands in it.
  const priced = JSON.parse(result.content);
  check('both have a price', priced.error === undefined && priced.data.queued_count === 2, priced);
  console.log(`  ${priced.data.total_price} ${priced.data._currency.currency_name_short} for two messages`);

  step('The model writes a number as people dial it');
  const [again] = await composio.provider.handleToolCalls(
    userId,
    message('CLICKSEND_SMS_PRICE_POST', { messages: [{ to: '0411 111 111', body: 'Your bread is ready.' }] }),
  );
  const refused = JSON.parse(again.content[0].content);
  check('it is told how to write it', refused.error?.includes('full international form'), refused);
});
console.log('\nDone.');
