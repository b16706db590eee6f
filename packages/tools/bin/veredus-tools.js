#!/usr/bin/env node
// An MCP server on standard input and output for a Veredus elsewhere: VEREDUS_URL and VEREDUS_AGENT_KEY say where and who.
import { runStdio } from '@veredus/tools/bridge/run-stdio';

process.exit(
  await runStdio({
    env: process.env,
    input: process.stdin,
    output: process.stdout,
    fetch,
    say: (words) => console.error(`veredus-tools: ${words}`),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  }),
);
