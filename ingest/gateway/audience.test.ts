import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../domain/topic-filter.ts';
import { openAudience } from './audience.ts';

const anEmptyLevel = () => new ClassicLevel(mkdtempSync(join(tmpdir(), 'hd-audience-')));

describe('the audience of telemetry', () => {
  it('is nobody until somebody subscribes, and then the subscribers of that device', async () => {
    const level = anEmptyLevel();
    const audience = await openAudience(level);
    expect(audience.mayHear('air-1')).toBe(false);
    for (const filter of ['hd/v1/air-1/cmd/+', 'hd/v1/air-1/config', 'hd/v1/air-1']) audience.joined(filter);
    expect(audience.mayHear('air-1')).toBe(false);
    audience.joined('hd/v1/air-1/#');
    expect([audience.mayHear('air-1'), audience.mayHear('air-2')]).toEqual([true, false]);
    await level.close();
  });

  it('is there again after a restart with the sessions that were kept', async () => {
    const level = anEmptyLevel();
    await level.put('subscriptions:air-1:hd/v1/air-1/telemetry', '');
    await level.put('subscriptions:a%3Ab:hd/v1/air-3/cmd/+', '');
    const audience = await openAudience(level);
    expect(['air-1', 'air-2', 'air-3'].map((device) => audience.mayHear(device))).toEqual([true, false, false]);
    await level.close();
  });

  it('never leaves out a subscription that matches', async () => {
    const level = anEmptyLevel();
    const word = fc.constantFrom('hd', 'v1', 'air-1', 'air-2', 'telemetry', 'cmd', '+');
    const filters = fc
      .tuple(fc.array(word, { maxLength: 5 }), fc.boolean())
      .map(([words, all]) => [...words, ...(all || words.length === 0 ? ['#'] : [])].join('/'));
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const audience = await openAudience(level);
        audience.joined(filter);
        for (const device of ['air-1', 'air-2'])
          if (topicMatches(filter, `hd/v1/${device}/telemetry`, '')) expect(audience.mayHear(device)).toBe(true);
      }),
    );
    await level.close();
  });
});
