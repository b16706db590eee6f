// The tools in OpenAI's format, and a model's tool calls run through them: makes a contact list, and deletes it again.
import { OpenAIProvider } from '@composio/openai';
import { check, step } from './check.mjs';
import { withConnection } from './connect.mjs';

/** What a chat model would answer; here it is written by hand, so that no key of a model is needed. */
const completion = (name, args) => ({
  choices: [
    {
      message: {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: JSON.stringify(args) } }],
      },
    },
  ],
});

await withConnection(new OpenAIProvider(), async ({ composio, userId }) => {
  step('Listing the tools for chat.completions');
  const tools = await composio.tools.get(userId, { toolkits: ['clicksend'] });
  check('there are 26', tools.length === 26, tools.length);
  check(
    'each is a function with an object of parameters',
    tools.every(({ type, function: { parameters } }) => type === 'function' && parameters.type === 'object'),
  );

  const call = async (name, args) => {
    const [message] = await composio.provider.handleToolCalls(userId, completion(name, args));
    check(`${name} answers the call by its id`, message.role === 'tool' && message.tool_call_id === 'call_1', message);
    return JSON.parse(message.content);
  };

  step('The model makes a list');
  const made = await call('CLICKSEND_CREATE_LISTS', { list_name: 'From an OpenAI model' });
  check('it is made', made.successful && made.error === null, made);
  const { list_id } = made.data.data;

  step('The model asks for what cannot be');
  const refused = await call('CLICKSEND_GET_LISTS_CONTACTS', { list_id, limit: 1000 });
  check('it is told why, in words it can act on', refused.error?.includes('limit must be from 1 to 100'), refused);

  step('The model deletes the list');
  const gone = await call('CLICKSEND_DELETE_LISTS', { list_id });
  check('it is deleted', gone.successful, gone);
});
console.log('\nDone.');
