import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterMatches, meaningOf } from './source-topics.ts';

describe('a topic filter', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/+/c', 'a/b/c', true],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['a/+', 'a/', true],
    ['a', 'a/b', false],
  ])('%s matches %s: %s', (filter, topic, expected) => expect(filterMatches(filter, topic)).toBe(expected));

  it('matches a topic of which some levels were replaced by +', () => {
    const level = fc.stringMatching(/^[a-z0-9]{1,5}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(level, fc.boolean()), { minLength: 1, maxLength: 6 }), (levels) => {
        const topic = levels.map(([text]) => text).join('/');
        const filter = levels.map(([text, wild]) => (wild ? '+' : text)).join('/');
        expect(filterMatches(filter, topic)).toBe(true);
        expect(filterMatches(filter, `${topic}/more`)).toBe(false);
        expect(filterMatches(`${filter}/#`, `${topic}/more`)).toBe(true);
      }),
    );
  });
});

describe('the meaning of a topic', () => {
  const topics = [
    { filter: 'plant/+/senml', format: 'senml-json', deviceLevel: 2 },
    { filter: 'old/station', device: 'air-7' },
    { filter: 'application/#' },
  ];
  it.each([
    ['plant/pump-3/senml', { device: 'pump-3', format: 'senml-json' }],
    ['old/station', { device: 'air-7', format: null }],
    ['application/4/device/70b3/event/up', { device: null, format: null }],
    ['elsewhere', null],
  ])('%s', (topic, expected) => expect(meaningOf(topics, topic)).toEqual(expected));
});
