import { from } from '../promise.ts';

/** Running an action, whatever face it is asked through. */
export const runs = {
  ...from('ARCHITECTURE.md: Agents', {
    'run:derived-key':
      'Of two equal calls of one actor within two minutes, where repeating would add something, the second is answered with the first one’s result and says so.',
    'run:explicit-key': 'A key the caller chose stands for one call with one set of arguments, as long as it is kept.',
    'run:repetition':
      'What a client says it sends again is answered with the first result for ten minutes, whatever writes.',
    'run:unknown': 'What may have been done and was not answered is not done again by itself: the doubt is answered.',
    'run:crash':
      'A send that a crash cut off is taken up under its own id by the same call; anything else is left in doubt.',
    'run:allowed': 'An action an agent may not run is answered as one that does not exist, on every face.',
    'run:others': 'A connection of another account is answered as one that does not exist, on every face.',
    'run:connection':
      'A repetition is the same call when the usual connection is another one by then, or there is none.',
    'run:no-substitute':
      'Who names a user gets that user’s connection or a refusal; the account itself stands in only while nobody has connected at all.',
    'run:log': 'Every execution is logged: who, what, masked arguments, result, time, cost, and the messages it made.',
    'run:origin': 'Each message an execution made, and each message of its campaign, names the agent and its run.',
  }),
  ...from('The toolkit of 26 actions', {
    'face:direct': 'All that can be executed is executed in process, each with its effect seen from outside.',
    'face:broker': 'The same over the tool broker’s REST API, under both of its prefixes.',
    'face:mcp': 'The same over MCP: of the years before 2026, of 2026, and on standard input and output.',
    'face:cloud': 'The same at the ClickSend cloud; nothing of it is done on the server that was asked.',
  }),
} as const;
