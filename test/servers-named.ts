import type { Reporter, TestModule, TestSuite } from 'vitest/node';

/** Names of servers with their versions, as the suites of `adapters/` carry them. */
const VERSIONED = /\(.*\d+\.\d+.*\)|\bv?\d+\.\d+\.\d+/;

/** Says at the end on which real servers the contracts of the ports were held, in which versions. */
export default class ServersNamed implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const suites = modules
      .filter(({ relativeModuleId }) => relativeModuleId.startsWith('adapters/'))
      .flatMap((module) => [...module.children.suites()]);
    const lines = suites
      .filter(({ name }) => VERSIONED.test(name))
      .map((suite) => `  ${suite.name}: ${outcome(suite)}`);
    if (lines.length > 0) console.log(`\nContracts on real servers:\n${[...new Set(lines)].join('\n')}`);
  }
}

function outcome(suite: TestSuite): string {
  const count = (state: 'passed' | 'failed' | 'skipped'): number => [...suite.children.allTests(state)].length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  return `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
