import { parseXml, type XmlElement as ReadElement } from '@rgrove/parse-xml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserId } from '../../domain/identifiers.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import type { CapAlert } from '../../domain/warning/cap.ts';
import { capOfProposal, messageIdentifier } from '../../domain/warning/cap-of-warning.ts';
import { capProblems } from '../../domain/warning/cap-rules.ts';
import { capTime, writeCap } from '../../domain/warning/cap-xml.ts';
import { aDraft, aFlood, FLOOD_MORNING } from '../../domain/warning/warning-fixture.ts';
import { textElement, writableText, writeXml } from '../../domain/warning/xml.ts';

const NAME = { vi: 'Sở Nông nghiệp và Môi trường', en: 'Department of Agriculture and Environment' };
const FIRST = { sender: 'env@hp.example', identifier: 'HD-1', sent: FLOOD_MORNING };
const draft = aDraft('hoa' as UserId);
const anAlert = (): CapAlert =>
  capOfProposal(draft, { kind: 'alert', content: aFlood(), reason: null }, FIRST, { name: NAME });
const rootOf = (xml: string): ReadElement => {
  const { root } = parseXml(xml);
  if (root === null) throw new Error('no root');
  return root;
};
const elementsOf = (element: ReadElement): readonly ReadElement[] =>
  element.children.filter((child): child is ReadElement => child.type === 'element');
const textOf = (element: ReadElement, name: string): string | undefined =>
  elementsOf(element).find((child) => child.name === name)?.text;

describe('XML', () => {
  it('gives back any text and attribute that a person can write, and marks what XML cannot hold', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant(']]>&amp;<a/>'));
    fc.assert(
      fc.property(text, text, (content, attribute) => {
        const root = rootOf(writeXml({ name: 'a', content: [textElement('b', content, { c: attribute })] }));
        const [b] = elementsOf(root);
        expect(b?.text).toBe(writableText(content));
        expect(b?.attributes['c']).toBe(writableText(attribute));
      }),
    );
  });
});

describe('the time of CAP', () => {
  it.each([
    ['is local, with its offset', hours(7), '2026-03-01T09:05:00+07:00'],
    ['of UTC is written -00:00', 0, '2026-03-01T02:05:00-00:00'],
    ['may be behind UTC by half an hour', -hours(3.5), '2026-02-28T22:35:00-03:30'],
  ] as const)('%s', (_, offset, written) => {
    expect(capTime(epochMs(Date.UTC(2026, 2, 1, 2, 5, 0, 999)), () => offset)).toBe(written);
  });

  it('always has the form the schema asks for, and means the same second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (at, m) => {
          const written = capTime(epochMs(at), () => m * 60_000);
          expect(written).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/);
          expect(Date.parse(written)).toBe(Math.floor(at / 1000) * 1000);
        },
      ),
    );
  });
});

describe('the message of a warning', () => {
  it('says the same facts in both languages, latitude first, with the ring closed', () => {
    const root = rootOf(writeCap(anAlert(), VIETNAM_TIME));
    const infos = elementsOf(root).filter(({ name }) => name === 'info');
    expect(infos.map((info) => textOf(info, 'language'))).toEqual(['vi-VN', 'en-US']);
    for (const info of infos) {
      expect(textOf(info, 'severity')).toBe('Severe');
      expect(textOf(info, 'expires')).toBe('2026-09-11T13:10:00+07:00');
      const area = elementsOf(info).find(({ name }) => name === 'area') as ReadElement;
      expect(textOf(area, 'polygon')).toBe(
        '20.70000,106.40000 20.70000,106.55000 20.60000,106.55000 20.60000,106.40000 20.70000,106.40000',
      );
    }
    expect(textOf(root, 'status')).toBe('Actual');
    expect(textOf(root, 'references')).toBeUndefined();
  });

  it('that changes or takes back names every earlier message', () => {
    const issued = [1, 2].map((n) => ({
      kind: n === 1 ? ('alert' as const) : ('update' as const),
      sender: 'env@hp.example',
      identifier: `HD-${n}`,
      sent: epochMs(FLOOD_MORNING + n * 60_000),
      content: aFlood(),
      reason: null,
      authors: ['hoa' as UserId],
      approvedBy: 'ha' as UserId,
    }));
    const message = capOfProposal(
      { status: 'Actual', issued },
      { kind: 'cancel', content: aFlood(), reason: { vi: 'Nước đã rút', en: 'The water has gone down' } },
      { ...FIRST, identifier: 'HD-3' },
      { name: NAME },
    );
    const root = rootOf(writeCap(message, VIETNAM_TIME));
    expect(textOf(root, 'msgType')).toBe('Cancel');
    expect(textOf(root, 'references')).toBe(
      'env@hp.example,HD-1,2026-09-11T07:11:00+07:00 env@hp.example,HD-2,2026-09-11T07:12:00+07:00',
    );
    expect(capProblems(message)).toEqual([]);
    expect(capProblems({ ...message, references: [] })).toEqual(['REFERENCES_MISSING']);
  });

  it('says in an exercise that it is one', () => {
    const exercise = capOfProposal(
      { ...draft, status: 'Exercise' },
      { kind: 'alert', content: aFlood(), reason: null },
      FIRST,
      { name: NAME },
    );
    const root = rootOf(writeCap(exercise, VIETNAM_TIME));
    expect(textOf(root, 'status')).toBe('Exercise');
    expect(textOf(root, 'note')).toContain('Diễn tập');
  });

  it('has a name without spaces, commas or marks, whatever the agency is called', () => {
    const identifier = messageIdentifier('so-tnmt:1', FLOOD_MORNING, VIETNAM_TIME, '8f-4e2a-1b');
    expect(identifier).toBe('HD-SO-TNMT:1-20260911T071000-8F4E');
    expect(capProblems({ ...anAlert(), identifier })).toEqual([]);
  });
});
