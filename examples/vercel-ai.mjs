// The tools in the Vercel AI SDK's format, checked and executed as generateText would: looks at the account and its history.
import { VercelProvider } from '@composio/vercel';
import { asSchema } from 'ai';
import { check, step } from './check.mjs';
import { withConnection } from './connect.mjs';

await withConnection(new VercelProvider(), async ({ composio, userId }) => {
  step('Getting the tools for generateText');
  const tools = await composio.tools.get(userId, { toolkits: ['clicksend'] });
  check('there are 26', Object.keys(tools).length === 26, Object.keys(tools));

  /** As the AI SDK does with what a model wrote: validate by the schema, then execute. */
  const call = async (name, input) => {
    const read = await asSchema(tools[name].inputSchema).validate(input);
    check(`${name} takes its input`, read.success, read.error?.message);
    return tools[name].execute(read.value, { toolCallId: 'call_1', messages: [] });
  };

  step('The model looks at the account');
  const account = await call('CLICKSEND_GET_ACCOUNT', {});
  check('there is a balance', account.successful && typeof account.data.data.balance === 'string', account.error);
  console.log(`  the balance is ${account.data.data.balance}`);

  step('The model looks at the last messages');
  const history = await call('CLICKSEND_GET_SMS_HISTORY', { limit: 5, order_by: 'date:desc' });
  check('there is a page of them', history.successful && Array.isArray(history.data.data.data), history.error);

  step('The model leaves a required argument out');
  const read = await asSchema(tools.CLICKSEND_DELETE_LISTS.inputSchema).validate({});
  check('the schema stops it before anything is called', read.success === false);
});
console.log('\nDone.');
