import { readFileSync } from 'node:fs';

/**
 * Prints `<n> passed, <n> failed` from vitest's JSON report. A file that could not even be loaded has no tests to fail,
 * and a failing format, lint or type check writes no report at all: each counts as one failure.
 */
const [reportPath, exitCode] = process.argv.slice(2);
const text = readFileSync(reportPath, 'utf8');
const { numPassedTests: passed, testResults } = text ? JSON.parse(text) : { numPassedTests: 0, testResults: [] };

let failed = 0;
for (const { status, assertionResults } of testResults) {
  const tests = assertionResults.filter((test) => test.status === 'failed').length;
  failed += status === 'failed' ? Math.max(tests, 1) : tests;
}
if (exitCode !== '0' && failed === 0) failed = 1;

console.log(`${passed} passed, ${failed} failed`);
