import fc from 'fast-check';

/** Of every property that does not say itself how often it is to be tried: usually 100. */
const RUNS = 5_000;

fc.configureGlobal({ numRuns: RUNS, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false });
