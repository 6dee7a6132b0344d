/**
 * What is done with the city's readings and alarms by one process at a time. Rules, and with them the indices that rules judge, need the whole city: rules of an
 * area, and what is worked out of several points.
 */
export const DUTIES = [
  'rules',
  'store',
  'incidents',
  'notifier',
  'findings',
  'sources',
  'station-files',
  'rollouts',
  'retention',
] as const;
export type DutyName = (typeof DUTIES)[number];

/** What a worker is to change so that duties come to be spread evenly. */
export interface ShareChange {
  /** One that is to be given up in good order. */
  readonly give: DutyName | null;
  /** Those that nobody has, to be tried for. */
  readonly take: readonly DutyName[];
}

/**
 * `worker` counts among the workers whether it is named or not. Each takes what is free up to its share; when nothing is free, whoever has more than somebody else
 * by two or more gives one up, the one that comes last in {@link DUTIES}. No worker needs to ask another.
 */
export function shareOf<Worker>(
  worker: Worker,
  workers: readonly Worker[],
  holders: ReadonlyMap<DutyName, Worker>,
): ShareChange {
  const counts = new Map<Worker, number>([worker, ...workers].map((one) => [one, 0]));
  for (const holder of holders.values()) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const own = DUTIES.filter((duty) => holders.get(duty) === worker);
  const free = DUTIES.filter((duty) => !holders.has(duty));
  const share = Math.ceil(DUTIES.length / counts.size);
  const least = Math.min(...counts.values());
  return {
    give: free.length === 0 && own.length >= least + 2 ? own.at(-1)! : null,
    take: free.slice(0, Math.max(0, share - own.length)),
  };
}
