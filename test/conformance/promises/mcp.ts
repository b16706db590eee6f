import { from } from '../promise.ts';

/** The Model Context Protocol, over HTTP and on standard input and output. */
export const mcp = {
  ...from('Model Context Protocol: Streamable HTTP', {
    'mcp:door': 'Every request brings a key in a header; without one it is 401, and a key in the address is none.',
    'mcp:rebinding':
      'Pages of strangers are refused, and on loopback every Host that is not this machine or its public name.',
    'mcp:no-state':
      'There are no sessions, and nothing that comes back through a client is believed: no requestState, no answers that nobody asked for.',
    'mcp:progress':
      'Long work that a call began is followed for whoever asked, with rising values, 45 seconds at most.',
    'mcp:cancel': 'Hanging up ends the following of work; what was sent stays sent.',
    'mcp:places': 'A key has 32 requests under way; hanging up frees no place while the call is still at work.',
    'mcp:conformance':
      'The conformance tools of both eras pass what applies to any server; what does not is written down with its reason, and nothing else fails.',
  }),
  ...from('Model Context Protocol: tools', {
    'mcp:list': 'tools/list is always in the order of the slugs, in pages, and holds what the key may run.',
    'mcp:call':
      'tools/call answers the envelope as structured content and as text; unknown and forbidden tools are one and the same error.',
    'mcp:names-of-a-call': 'A call may name its idempotency key, its run and its connection.',
    'mcp:compact': 'In compact mode three tools search, describe and call all the others.',
    'mcp:clients':
      'The official clients of both versions, an agent framework and the inspector list and call, over HTTP and over stdio.',
  }),
  ...from('@veredus/tools: the bridge', {
    'bridge:eras': 'Both eras pass through, with the headers that the newer one demands.',
    'bridge:lost': 'What the bridge cannot know it does not guess: a call whose answer is lost is not repeated by it.',
    'bridge:secret': 'The key goes to the one server it is for, over https or loopback, and stands in no message.',
    'bridge:end': 'It ends with its input, after answering what is under way.',
    'bridge:node':
      'Packed it runs on Node 20; from a clone it finds the Node that came with it, or says in a sentence what it needs.',
    'bridge:local': '`veredus mcp` finds the server and the key of the data folder by itself.',
    'pack:runs':
      'The packages as packed, installed in an empty folder, run on Node 20 and 24; packing leaves the sources as they were.',
  }),
} as const;
