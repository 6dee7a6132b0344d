import { it } from 'vitest';
import { feed, SUBJECTS } from './malformed-parts.ts';

/** Over all formats; `HD_MALFORMED_RUNS` says otherwise. */
const RUNS = Number(process.env['HD_MALFORMED_RUNS'] ?? 1_000_000);

it.each(SUBJECTS.map((subject) => [subject.format, subject.topic, subject] as const))(
  'takes its share of a million malformed messages: %s under %s',
  async (format, topic, subject) => {
    const seed = Date.now() & 0x7fffffff;
    const runs = Math.ceil(RUNS / SUBJECTS.length);
    const began = performance.now();
    await feed(subject, runs, seed);
    const result = { format, topic, runs, seed, seconds: Math.round((performance.now() - began) / 1000) };
    console.log(`test:long malformed ${JSON.stringify(result)}`);
  },
  3_600_000,
);
