import type { Reporter, TestModule } from 'vitest/node';

/** Data that is not part of the repository; a test that reads it names it, and may be skipped where it is absent. */
const DATA_BESIDE_THE_REPOSITORY = /\.\.\/shared\//;

/** For CI: a test that was skipped, because an engine is missing or by mistake, fails the run. */
export default class SkipsFail implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId} > ${test.fullName}`),
    );
    const missing = skipped.filter((name) => !DATA_BESIDE_THE_REPOSITORY.test(name));
    const absent = skipped.length - missing.length;
    if (absent > 0) console.log(`\n${absent} tests were skipped: their data is not beside the repository.`);
    if (missing.length === 0) return;
    console.error(`\n✗ Skipped, which in CI is a failure:\n${missing.map((name) => `  ${name}`).join('\n')}`);
    process.exitCode = 1;
  }
}
