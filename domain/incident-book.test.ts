import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId } from './identifiers.ts';
import type { IncidentMember, Signal } from './incident.ts';
import { IncidentBook } from './incident-book.ts';
import { aSignal, gridOf, SETTINGS } from './incident-fixture.ts';
import { groupSignals } from './incident-grouping.ts';
import { type EpochMs, hours, minutes } from './time.ts';

const { forest } = gridOf(2, 3, 4);
const at = (minute: number): EpochMs => minutes(minute) as number as EpochMs;
const NOW = at(10_000);

/** What a platform has on record of incidents after all was heard. */
function record(batches: readonly (readonly Signal[])[]) {
  const book = new IncidentBook(forest, SETTINGS);
  const members = new Map<string, IncidentMember>();
  const incidents = new Map<string, { cause: unknown; startedAt: number }>();
  let writes = 0;
  for (const batch of batches) {
    for (const signal of batch) book.put(signal);
    const settled = book.settle(NOW);
    if (settled === null) continue;
    writes++;
    for (const member of settled.commit.joined) members.set(member.key, member);
    for (const { from, into } of settled.commit.merges)
      for (const [key, member] of members)
        if (member.incidentId === from) members.set(key, { ...member, incidentId: into });
    for (const { id, mergedInto, cause, startedAt } of settled.commit.incidents) {
      if (mergedInto === null) incidents.set(id, { cause, startedAt });
      else incidents.delete(id);
    }
  }
  const groups = [...Map.groupBy(members.values(), ({ incidentId }) => incidentId)];
  return {
    book,
    writes,
    ids: [...incidents.keys()].sort(),
    outcome: groups
      .map(([id, some]) => ({ ...incidents.get(String(id)), keys: some.map(({ key }) => key).sort() }))
      .sort((a, b) => ((a.keys[0] ?? '') < (b.keys[0] ?? '') ? -1 : 1)),
  };
}

const rootOf = (signals: readonly Signal[]) => record([signals]).outcome.map(({ cause }) => cause);
const dead = (site: string, minute = 0, more: Partial<Signal> = {}) => aSignal(site, { site, at: at(minute), ...more });

describe('an incident of the network', () => {
  it('is of the transformer whose meters are without supply, though it says nothing itself', () => {
    const meters = ['f1t1m1', 'f1t1m2', 'f1t1m3', 'f1t1m4'].map((site) => dead(site));
    expect(rootOf(meters)).toEqual([{ kind: 'site', siteId: 'f1t1', inferred: true }]);
  });

  it('is of the feeder when all its transformers are, and a sound branch shows that the feeder is live', () => {
    const behind = (t: number) => [1, 2].map((m) => dead(`f1t${t}m${m}`));
    expect(rootOf([1, 2, 3].flatMap(behind))).toEqual([{ kind: 'site', siteId: 'f1', inferred: true }]);
    expect(rootOf([1, 2].flatMap(behind))).toEqual([
      { kind: 'site', siteId: 'f1t1', inferred: true },
      { kind: 'site', siteId: 'f1t2', inferred: true },
    ]);
  });

  it('is of what says so itself, with whatever happens behind it', () => {
    const signals = [dead('f1'), dead('f1t2m1', 3), dead('f1t3m4', 4, { sign: 'limit', severity: 'notice' })];
    expect(record([signals]).outcome).toEqual([
      {
        cause: { kind: 'site', siteId: 'f1', inferred: false },
        startedAt: 0,
        keys: ['alarm:f1', 'alarm:f1t2m1', 'alarm:f1t3m4'],
      },
    ]);
  });

  it('is not made of one meter, nor of too few of them, nor of things an hour apart', () => {
    expect(record([[dead('f1t1m1')]]).outcome).toEqual([]);
    const few = gridOf(1, 1, 9);
    const two = ['f1t1m1', 'f1t1m2'].map((site) => dead(site));
    expect(groupSignals(two, few.forest, SETTINGS)).toEqual([]);
    expect(record([[dead('f1t1m1'), dead('f1t1m2', 60)]]).outcome).toEqual([]);
  });
});

describe('an incident of a gateway', () => {
  it('has what is kept quiet by it, each outage its own', () => {
    const carrier = 'gw-1' as DeviceId;
    const of = (name: string, minute: number, isCarrier: boolean) =>
      aSignal(name, { site: name, at: at(minute), sign: 'no_data', link: { kind: 'carrier', carrier, isCarrier } });
    const signals = [of('first', 0, true), of('a', 2, false), of('second', 300, true), of('b', 310, false)];
    expect(record([signals]).outcome.map(({ keys }) => keys)).toEqual([
      ['alarm:a', 'alarm:first'],
      ['alarm:b', 'alarm:second'],
    ]);
  });
});

describe('an incident of a place', () => {
  it('goes from street to street as far as each is near the next', () => {
    const street = (name: string, longitude: number, minute = 0) =>
      aSignal(name, {
        site: name,
        at: at(minute),
        location: { longitude, latitude: 20.85 },
        link: { kind: 'place', family: 'flood' },
        sign: 'limit',
        window: minutes(30),
      });
    // A hundredth of a degree is a kilometre.
    const near = [street('a', 106.6), street('b', 106.615, 20), street('c', 106.63, 40)];
    const far = [street('x', 106.7), street('y', 106.73)];
    expect(record([[...near, ...far]]).outcome.map(({ keys }) => keys)).toEqual([['alarm:a', 'alarm:b', 'alarm:c']]);
  });
});

const sites = gridOf(2, 3, 4).sites.map(({ id }) => id);
const signals = fc.uniqueArray(
  fc.record({
    site: fc.constantFrom(...sites),
    name: fc.integer({ min: 0, max: 999 }),
    minute: fc.integer({ min: 0, max: 120 }),
    kind: fc.constantFrom('no_supply', 'limit', 'flood'),
    severity: fc.constantFrom('critical', 'minor'),
    column: fc.integer({ min: 0, max: 8 }),
  }),
  { selector: ({ name }) => name, maxLength: 24 },
);
const signalOf = (given: typeof signals extends fc.Arbitrary<readonly (infer T)[]> ? T : never): Signal => {
  const { site, name, minute, kind, severity, column } = given;
  const common = { site, at: at(minute), severity: severity as Signal['severity'] };
  const location = { longitude: 106.6 + column / 100, latitude: 20.85 };
  return kind === 'flood'
    ? aSignal(`n${name}`, { ...common, location, sign: 'limit', link: { kind: 'place', family: 'flood' } })
    : aSignal(`n${name}`, { ...common, sign: kind as Signal['sign'] });
};

describe('putting signals together', () => {
  it('comes to the same incidents, causes and beginnings in whatever order and portions signals come', () => {
    fc.assert(
      fc.property(signals, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 5 }), (given, keys, portion) => {
        const all = given.map(signalOf);
        const shuffled = all
          .map((signal) => ({ signal, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ signal }) => signal);
        const batches: Signal[][] = [];
        for (let i = 0; i < shuffled.length; i += portion) batches.push(shuffled.slice(i, i + portion));
        expect(record(batches).outcome).toEqual(record([all]).outcome);
      }),
    );
  });

  it('changes nothing when all is heard again', () => {
    fc.assert(
      fc.property(signals, (given) => {
        const all = given.map(signalOf);
        const { book, ids } = record([all]);
        for (const signal of all) book.put(signal);
        const again = book.settle(NOW);
        expect(again?.commit.incidents ?? []).toEqual([]);
        expect(again?.commit.joined ?? []).toEqual([]);
        expect(again?.commit.events ?? []).toEqual([]);
        expect(record([all]).ids).toEqual(ids);
      }),
    );
  });

  it('ends with the last of its members, and goes on when one begins again', () => {
    const meters = ['f1t1m1', 'f1t1m2'].map((site) => dead(site));
    const { book } = record([meters]);
    for (const meter of meters) book.put({ ...meter, endedAt: at(30) });
    expect(book.settle(NOW)?.commit).toMatchObject({ incidents: [{ endedAt: at(30) }], events: [{ kind: 'ended' }] });
    book.put(dead('f1t1m3', 8));
    expect(book.settle(NOW)?.commit).toMatchObject({
      incidents: [{ endedAt: null }],
      events: [{ kind: 'joined' }, { kind: 'reopened' }],
    });
    for (const meter of [...meters, dead('f1t1m3', 8)]) book.put({ ...meter, endedAt: at(40) });
    book.settle(NOW);
    book.forget(NOW, hours(1));
    expect([book.size, book.openIncidents]).toEqual([0, 0]);
  });
});
