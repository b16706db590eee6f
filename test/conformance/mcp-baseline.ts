/** Checks of the conformance tools that fail here, each with its reason. One that fails and is not here, or passes and is, fails the test. */
export interface ExpectedFailure {
  readonly scenario: string;
  readonly check: string;
  readonly reason: string;
}

const fixture =
  'It calls a tool that only a server made for this test has; ours lists what a key may run and nothing else.';
const absent =
  'The server has tools only; what it does not have it does not list, and says that it knows no such method.';

export const modernBaseline: readonly ExpectedFailure[] = [
  { scenario: 'server-stateless', check: 'sep-2575-server-rejects-undeclared-capability', reason: fixture },
  { scenario: 'server-stateless', check: 'sep-2575-missing-capability-http-400', reason: fixture },
  { scenario: 'server-stateless', check: 'sep-2575-http-server-no-independent-requests-on-stream', reason: fixture },
  { scenario: 'server-stateless', check: 'sep-2575-server-no-log-without-loglevel', reason: fixture },
  { scenario: 'caching', check: 'sep-2549-prompts-list-caching-hints', reason: absent },
  { scenario: 'caching', check: 'sep-2549-resources-list-caching-hints', reason: absent },
  { scenario: 'caching', check: 'sep-2549-resources-templates-list-caching-hints', reason: absent },
];

export const legacyBaseline: readonly ExpectedFailure[] = [];
