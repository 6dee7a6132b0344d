import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FOLDER } from './beijing-air.ts';
import { activeDuring, replayed } from './real-air-replay.ts';

describe.skipIf(!existsSync(`${FOLDER}/air-Dongsi.csv`))(
  `the air of Dongsi, Beijing, winter 2015/16, through MQTT (skipped without ${FOLDER})`,
  () => {
    it('gives the indices of the reference, and alarms in both red alerts of December and none between', async () => {
      const alarms = await replayed('Dongsi');
      for (const ofRule of [alarms.mean, alarms.index]) {
        const worstDuring = (from: string, to: string) =>
          activeDuring(ofRule, from, to).map(({ worstSeverity }) => worstSeverity);
        expect(worstDuring('08T00:00', '10T12:00')).toContain('critical');
        expect(worstDuring('19T07:00', '22T24:00')).toContain('critical');
        expect(worstDuring('16T00:00', '17T00:00')).toEqual([]);
      }
    }, 120_000);
  },
);
