/** Stages that a trace shows; `gateway` is all of a batch until its acknowledgement, and the parent of the others. */
export type TracedStage =
  | 'gateway'
  | 'decode'
  | 'validate'
  | 'journal'
  | 'store'
  | 'rules'
  | 'indices'
  | 'live'
  | 'alarm'
  | 'notification';

export interface TracedSpan {
  /** As the journal's entry has it. */
  readonly traceId: string;
  readonly stage: TracedStage;
  /** Epoch ms, with fractions. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Where the way of some batches through the stages is shown. */
export interface Tracing {
  /** Whether what has this id is traced; every process says the same. */
  isSampled(traceId: string): boolean;
  /** A stage that is over. Returns at once; what can't be kept or delivered is dropped and counted. */
  ended(span: TracedSpan): void;
}
