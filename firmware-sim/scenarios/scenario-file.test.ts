import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { haiPhong, haiPhongFacts } from '../../config/city/hai-phong.ts';
import { epochMs } from '../../domain/time.ts';
import { GroundTruth } from './ground-truth.ts';
import { readScenarioFile, scenarioFromFile } from './scenario-file.ts';
import { createScenario } from './scenarios.ts';

const example = () =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'examples', 'outage-and-burst.json'), 'utf8')) as {
    events: { toHours: number }[];
    effects: object[];
  };
const AT = epochMs(Date.UTC(2026, 5, 8, 11));
const HOUR_MS = 3_600_000;

describe('a scenario file', () => {
  it('is set at a time, effects and events together', () => {
    const content = readScenarioFile(example());
    if (content.kind !== 'scenario') throw new Error('not a scenario');
    const { effects, truth } = scenarioFromFile(content.file, 7, AT);
    expect(effects).toContainEqual({
      kind: 'burst',
      dma: 'dma-ho-nam',
      m3PerHour: 240,
      from: AT + HOUR_MS,
      to: AT + 4 * HOUR_MS,
    });
    expect(GroundTruth.parse(JSON.parse(JSON.stringify(truth)))).toEqual(truth);
    expect(truth).toMatchObject({ seed: 7, from: AT, to: AT + 4 * HOUR_MS });
  });

  it('gives a rain cell the times of its effect', () => {
    const rain = {
      kind: 'rain',
      fromHours: 1,
      toHours: 3,
      centre: { longitude: 106.7, latitude: 20.8 },
      radiusKm: 9,
      peakMmPerHour: 60,
    };
    const content = readScenarioFile({ ...example(), effects: [rain] });
    if (content.kind !== 'scenario') throw new Error('not a scenario');
    const when = { from: AT + HOUR_MS, to: AT + 3 * HOUR_MS };
    expect(scenarioFromFile(content.file, 1, AT).effects).toMatchObject([
      { kind: 'rain', ...when, cell: { ...when, radiusKm: 9, drift: { longitude: 0, latitude: 0 } } },
    ]);
  });

  it('is refused with the field that is wrong', () => {
    const [event] = example().events;
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ ...example(), effects: [{ kind: 'earthquake', fromHours: 0, toHours: 1 }] }, /kind/],
      [{ ...example(), events: [{ ...event, fromHours: 5 }] }, /toHours/],
      [{ ...example(), effects: [{ ...example().effects[0], fromHours: 9 }] }, /toHours/],
      [{ ...example(), format: 'hai-dang/scenario/2' }, /format/],
    ];
    for (const [content, names] of wrong) expect(() => readScenarioFile(content)).toThrow(names);
  });

  it('may be a ground truth that was written, alone or in a list', () => {
    const { truth } = createScenario('pipe-burst', { city: haiPhong, facts: haiPhongFacts, seed: 3, at: AT });
    const written = JSON.parse(JSON.stringify(truth)) as unknown;
    for (const content of [written, [written]])
      expect(readScenarioFile(content)).toEqual({ kind: 'truths', truths: [truth] });
  });
});
