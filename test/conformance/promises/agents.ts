import { from } from '../promise.ts';

/** Programs with a name, a key and less than the account may do. */
export const agents = from('docs/agents.md', {
  'agents:made':
    'An agent has a name of its own in its account, and is made only of actions and connections there are.',
  'agents:key': 'A key of an agent opens the doors of agents and nothing else; it is shown once and kept as a hash.',
  'agents:power': 'Nobody makes, widens or takes the key of an agent that may do more than he himself.',
  'agents:rotation': 'A new key works at once, and those before end at once or after the overlap, never later.',
  'agents:ended': 'A deleted agent’s keys stop at once, its log stays, and its name is free.',
  'agents:private': 'Agents, executions, origins and the audit log are seen by their account and by no other.',
  'agents:first': 'The key that came with the server is an agent’s, once, on new and on older databases.',
  'agents:log': 'Executions can be searched by agent, action, run, connection, message and outcome, the newest first.',
  'agents:masked': 'Arguments are logged with secrets masked, at any depth and inside URLs and texts, and in 16 kB.',
  'agents:origin': 'A message tells which agent sent it, also by a campaign, and after its execution was forgotten.',
  'agents:audit': 'Every change of an agent or its keys stands in the audit log when, and only when, it was made.',
  'agents:kept': 'Executions are kept for 90 days, keys of repeated calls for 1 day, or 7 where the caller chose them.',
});
