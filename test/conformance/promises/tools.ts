import { from } from '../promise.ts';

/** What an agent sees: the catalogue of actions, how arguments are read, and what a run answers. */
export const tools = {
  ...from('packages/tools/README.md', {
    'tools:catalogue': 'There are 26 actions, listed by slug, found in any letter case.',
    'tools:parameters': 'Each parameter of each action has the name, the type and the requirement that were asked for.',
    'tools:hints': 'Every action says of itself whether it reads, destroys, may be repeated and reaches outside.',
    'tools:honest': 'Titles and descriptions say what is written, sent and paid for, before anything else.',
    'tools:schemas': 'Each schema is one that every client of the brokers can read, with all of it described.',
    'tools:key': 'Who would do it again when repeated takes idempotency_key; nobody else does.',
    'tools:arguments': 'Arguments out of their limits are refused, by name and with how to mend it.',
    'tools:tolerance': 'What models write beside the type is taken as meant; what could be meant otherwise is not.',
    'tools:unknown-argument': 'An unknown argument is refused by its name, with the one that was probably meant.',
    'tools:any-json': 'Reading arguments never throws, whatever JSON they are.',
    'tools:operation': 'The call an action makes is one that its endpoint of the contract takes.',
    'tools:result': 'A result has data (an object), error (text or null) and successful, and always all three.',
    'tools:refused': 'What the platform refuses is an unsuccessful result whose error says why, in words.',
    'tools:each-message': 'When no message was accepted it is an error that names each; when some were, a warning.',
    'tools:passed': 'A schedule that had passed when it was taken is a warning beside the answer.',
    'tools:unknown-outcome': 'When it cannot be told whether it was done, the error says so and where to look.',
    'tools:masked': 'No key or password of an answer is passed on.',
  }),
  ...from('examples/README.md', {
    'tools:examples': 'Each example runs against a fresh server, checks itself, sends nothing and shows no key.',
  }),
} as const;
