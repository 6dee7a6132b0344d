import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WarningWire } from '../../api/contract/warnings.ts';
import { epochMs } from '../../domain/time.ts';
import {
  changedParts,
  cornersOf,
  cornersText,
  emptyContent,
  groupedWarnings,
  roundedPlace,
  simplifiedOutline,
  wardOutlines,
} from './warning-draft.ts';

const place = fc
  .record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  })
  .map(roundedPlace);
const NOON = epochMs(Date.UTC(2026, 8, 11, 5, 0));

describe('the area of a draft', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(place, { maxLength: 12, selector: (p) => `${p.latitude} ${p.longitude}` }),
        (corners) => {
          expect(cornersOf(cornersText(corners))?.map((p) => [p.latitude + 0, p.longitude + 0])).toEqual(
            corners.map((p) => [p.latitude + 0, p.longitude + 0]),
          );
        },
      ),
    );
  });

  it.each([
    ['a word', '20.7, x'],
    ['one number', '20.7'],
    ['three numbers', '20.7 106.4 5'],
    ['longitude first', '106.4, 20.7'],
  ])('refuses a line with %s', (_, line) => expect(cornersOf(`20.7, 106.4\n${line}`)).toBeNull());

  it('takes a first corner repeated at the end as one', () => {
    expect(cornersOf('20, 106\n20, 107\n21, 107\n20, 106')).toHaveLength(3);
  });

  it('is thinned to the corners it may have, and keeps its extent', () => {
    const round = Array.from({ length: 4_000 }, (_, i) => ({
      latitude: 20 + Math.sin((i * 2 * Math.PI) / 4_000) / 10,
      longitude: 106 + Math.cos((i * 2 * Math.PI) / 4_000) / 10,
    }));
    const thin = simplifiedOutline(round, 200);
    expect(thin.length).toBeLessThanOrEqual(200);
    expect(thin.length).toBeGreaterThan(20);
    expect(Math.max(...thin.map(({ latitude }) => latitude))).toBeCloseTo(20.1, 2);
    expect(Math.min(...thin.map(({ longitude }) => longitude))).toBeCloseTo(105.9, 2);
  });

  it('takes all outer rings of a ward', () => {
    const ring = [
      [106, 20],
      [107, 20],
      [107, 21],
      [106, 20],
    ];
    const outlines: GeoJSON.FeatureCollection = {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          properties: { code: 11413 },
          geometry: { type: 'MultiPolygon', coordinates: [[ring, ring], [ring]] },
        },
      ],
    };
    expect(wardOutlines(outlines, '11413').map((corners) => corners.length)).toEqual([3, 3]);
    expect(wardOutlines(outlines, '1')).toEqual([]);
  });
});

describe('a draft', () => {
  it('says what it changes', () => {
    const before = emptyContent(NOON);
    expect(changedParts(before, before)).toEqual([]);
    expect(changedParts(before, { ...before, severity: 'Extreme', headline: { vi: 'Lũ', en: '' } })).toEqual([
      'headline',
      'severity',
    ]);
  });

  it('is listed by what it asks for: a change that waits is both in force and waiting', () => {
    const warning = (phase: WarningWire['phase'], stage: 'draft' | 'submitted' | 'rejected' | null) =>
      ({ phase, proposal: stage && { stage } }) as unknown as WarningWire;
    const all = [
      warning('draft', 'draft'),
      warning('submitted', 'submitted'),
      warning('rejected', 'rejected'),
      warning('in_force', 'submitted'),
      warning('in_force', null),
      warning('expired', null),
    ];
    const { waiting, drafts, inForce, past } = groupedWarnings(all);
    expect([waiting, drafts, inForce, past].map((group) => group.map((each) => all.indexOf(each)))).toEqual([
      [1, 3],
      [0, 2],
      [3, 4],
      [5],
    ]);
  });
});
