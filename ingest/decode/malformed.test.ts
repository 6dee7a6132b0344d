import { expect, it } from 'vitest';
import { feed, missingFormats, SUBJECTS } from './malformed-parts.ts';

/** `malformed.long.test.ts` feeds a million. */
const RUNS = 1_000;

it('has malformed input for every format', () => expect(missingFormats()).toEqual([]));

it.each(SUBJECTS.map((subject) => [subject.format, subject.topic, subject] as const))(
  'never throws on malformed %s under %s, and accounts for all of it',
  async (_format, _topic, subject) => feed(subject, RUNS),
);
