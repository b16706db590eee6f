// The tools as LangChain's structured tools, invoked as an agent would: adds a contact to a list, and deletes both again.
import { LangchainProvider } from '@composio/langchain';
import { check, step } from './check.mjs';
import { withConnection } from './connect.mjs';

await withConnection(new LangchainProvider(), async ({ composio, userId }) => {
  step('Getting the tools for an agent');
  const tools = await composio.tools.get(userId, { toolkits: ['clicksend'] });
  check('there are 26', tools.length === 26, tools.length);

  /** A tool call as a chat model of LangChain puts it into its message. */
  const call = async (name, args) => {
    const tool = tools.find((one) => one.name === name);
    const message = await tool.invoke({ type: 'tool_call', id: 'call_1', name, args });
    check(`${name} answers the call by its id`, message.tool_call_id === 'call_1', message);
    return JSON.parse(message.content);
  };

  step('The model makes a list and adds a contact');
  const made = await call('CLICKSEND_CREATE_LISTS', { list_name: 'From a LangChain agent' });
  check('the list is made', made.successful, made);
  const { list_id } = made.data.data;
  const added = await call('CLICKSEND_CREATE_LISTS_CONTACTS', {
    list_id,
    phone_number: '+61411111111',
    first_name: 'Ana',
  });
  check('the contact is added', added.successful && added.data.data.first_name === 'Ana', added);

  step('The model adds one nobody could reach');
  const refused = await call('CLICKSEND_CREATE_LISTS_CONTACTS', { list_id, first_name: 'Nobody' });
  check('it is told what is missing', refused.error?.includes('at least one of phone_number, email'), refused);

  step('The model deletes the list');
  const gone = await call('CLICKSEND_DELETE_LISTS', { list_id });
  check('it is deleted', gone.successful, gone);
});
console.log('\nDone.');
