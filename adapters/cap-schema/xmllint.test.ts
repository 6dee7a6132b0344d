import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Location } from '../../domain/asset.ts';
import { epochMs } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import * as cap from '../../domain/warning/cap.ts';
import { capProblems } from '../../domain/warning/cap-rules.ts';
import { writeCap } from '../../domain/warning/cap-xml.ts';
import { createXmllintSchema } from './xmllint.ts';

const VECTORS = '../shared/reference/vectors/cap.json';
interface CapVectors {
  readonly elementOrder: Readonly<Record<string, readonly string[]>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly dateTimePattern: string;
  readonly valid: readonly { readonly id: string; readonly xml: string }[];
  readonly invalid: readonly { readonly id: string; readonly xml: string; readonly errors: readonly string[] }[];
}

const schema = createXmllintSchema({
  schema: readFileSync(join(import.meta.dirname, '../../config/cap/CAP-v1.2.xsd'), 'utf8'),
});

/** An element as the vectors write it: names, order and texts; numbers as numbers, so that 5.0 is 5. */
type Plain = readonly [name: string, content: string | readonly Plain[]];
const childrenOf = (element: XmlElement): readonly XmlElement[] =>
  element.children.filter((child): child is XmlElement => child instanceof XmlElement);
const plain = (element: XmlElement): Plain => {
  const children = childrenOf(element);
  if (children.length > 0) return [element.name, children.map(plain)];
  const text = element.text.trim();
  const isPlace = ['polygon', 'circle'].includes(element.name);
  return [
    element.name,
    isPlace
      ? text
          .split(/([ ,])/)
          .map((part) => (/\d/.test(part) ? Number(part) : part))
          .join('')
      : text,
  ];
};
const rootOf = (xml: string): XmlElement => {
  const { root } = parseXml(xml);
  if (root === null) throw new Error('no root');
  return root;
};

/** Reads a message that the schema accepts: enough of CAP for the vectors. */
function readCap(xml: string): cap.CapAlert {
  const root = rootOf(xml);
  const all = (element: XmlElement, name: string) => childrenOf(element).filter((child) => child.name === name);
  const texts = (element: XmlElement, name: string) => all(element, name).map(({ text }) => text);
  const text = (element: XmlElement, name: string) => texts(element, name)[0] ?? '';
  const optional = (element: XmlElement, name: string) =>
    Object.fromEntries(texts(element, name).map((value) => [name, value])) as Record<string, string>;
  const instant = (element: XmlElement, name: string) =>
    Object.fromEntries(texts(element, name).map((value) => [name, epochMs(Date.parse(value))]));
  const named = (element: XmlElement, name: string) =>
    all(element, name).map((each) => ({ valueName: text(each, 'valueName'), value: text(each, 'value') }));
  const place = (pair: string): Location => {
    const [latitude, longitude] = pair.split(',').map(Number) as [number, number];
    return { latitude, longitude };
  };
  const words = text(root, 'references')
    .split(/\s+/)
    .filter((word) => word !== '');
  return {
    identifier: text(root, 'identifier'),
    sender: text(root, 'sender'),
    sent: epochMs(Date.parse(text(root, 'sent'))),
    status: text(root, 'status') as cap.CapStatus,
    msgType: text(root, 'msgType') as cap.CapMessageType,
    scope: text(root, 'scope') as cap.CapScope,
    ...optional(root, 'source'),
    ...optional(root, 'note'),
    ...optional(root, 'incidents'),
    references: words.map((word) => {
      const [sender, identifier, sent] = word.split(',') as [string, string, string];
      return { sender, identifier, sent: epochMs(Date.parse(sent)) };
    }),
    infos: all(root, 'info').map((info) => ({
      language: text(info, 'language'),
      categories: texts(info, 'category') as cap.CapCategory[],
      event: text(info, 'event'),
      responseTypes: texts(info, 'responseType') as cap.CapResponseType[],
      urgency: text(info, 'urgency') as cap.CapUrgency,
      severity: text(info, 'severity') as cap.CapSeverity,
      certainty: text(info, 'certainty') as cap.CapCertainty,
      ...instant(info, 'effective'),
      ...instant(info, 'onset'),
      ...instant(info, 'expires'),
      ...optional(info, 'senderName'),
      ...optional(info, 'headline'),
      ...optional(info, 'description'),
      ...optional(info, 'instruction'),
      parameters: named(info, 'parameter'),
      areas: all(info, 'area').map((area) => ({
        areaDesc: text(area, 'areaDesc'),
        polygons: texts(area, 'polygon').map((ring) => ring.split(' ').map(place)),
        circles: texts(area, 'circle').map((circle) => {
          const [centre, radius] = circle.split(' ') as [string, string];
          return { centre: place(centre), radiusKm: Number(radius) };
        }),
        geocodes: named(area, 'geocode'),
      })),
    })),
  };
}

describe.skipIf(!existsSync(VECTORS))(
  `warnings keep the published vectors of CAP${existsSync(VECTORS) ? '' : ` (${VECTORS} is not there)`}`,
  () => {
    // Read inside: the file may be absent.
    const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as CapVectors) : null;
    const valid = vectors?.valid ?? [];
    const invalid = vectors?.invalid ?? [];

    it.each(valid)('$id is valid, and is written again as it was, element for element', async ({ xml }) => {
      expect(await schema.problems(xml)).toEqual([]);
      const alert = readCap(xml);
      expect(capProblems(alert)).toEqual([]);
      const written = writeCap(alert, VIETNAM_TIME);
      expect(plain(rootOf(written))).toEqual(plain(rootOf(xml)));
      expect(await schema.problems(written)).toEqual([]);
    });

    /** Which check sees what each of them has wrong, and in which words. */
    const SEEN_BY: Readonly<Record<string, RegExp | cap.CapMessageType | string>> = {
      'no-certainty': /Expected is \( certainty \)/,
      'z-time': /'sent'.*pattern/,
      'bad-enum': /'severity'.*enumeration/,
      'wrong-order': /'severity'.*not expected/,
      'update-without-references': 'REFERENCES_MISSING',
      'space-in-identifier': 'IDENTIFIER_CHARACTERS',
      'open-polygon': 'POLYGON_OPEN',
    };
    it.each(invalid)('$id is refused: $errors', async ({ id, xml }) => {
      const seen = SEEN_BY[id];
      const bySchema = await schema.problems(xml);
      if (seen instanceof RegExp) expect(bySchema.join('\n')).toMatch(seen);
      else expect([bySchema, capProblems(readCap(xml))]).toEqual([[], [seen]]);
    });

    it('have the protocol’s own words, in its order', () => {
      const { enums } = vectors as CapVectors;
      expect({
        status: cap.CAP_STATUSES,
        msgType: cap.CAP_MESSAGE_TYPES,
        scope: cap.CAP_SCOPES,
        category: cap.CAP_CATEGORIES,
        responseType: cap.CAP_RESPONSE_TYPES,
        urgency: cap.CAP_URGENCIES,
        severity: cap.CAP_SEVERITIES,
        certainty: cap.CAP_CERTAINTIES,
      }).toEqual(enums);
    });

    it('write all elements there are in the order of the standard', () => {
      const { elementOrder, dateTimePattern } = vectors as CapVectors;
      const everything = rootOf(writeCap(anAlertWithEverything(), VIETNAM_TIME));
      const inOrder = (element: XmlElement): void => {
        const order = elementOrder[element.name];
        const names = childrenOf(element).map(({ name }) => name);
        if (order) expect(names).toEqual([...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
        for (const child of childrenOf(element)) {
          if (['sent', 'effective', 'onset', 'expires'].includes(child.name))
            expect(child.text).toMatch(new RegExp(dateTimePattern));
          inOrder(child);
        }
      };
      inOrder(everything);
    });
  },
);

const noon = epochMs(Date.UTC(2026, 2, 1, 5));
function anAlertWithEverything(words = 'Nước > 3 m & đang lên'): cap.CapAlert {
  const values = [{ valueName: 'waterLevel_m', value: '3.16' }];
  return {
    identifier: 'HD-1',
    sender: 'env@hp.example',
    sent: noon,
    status: 'Test',
    msgType: 'Update',
    source: words,
    scope: 'Restricted',
    restriction: words,
    addresses: words,
    note: words,
    references: [{ sender: 'env@hp.example', identifier: 'HD-0', sent: noon }],
    incidents: 'LU-1',
    infos: ['vi-VN', 'en-US'].map((language) => ({
      language,
      categories: ['Env', 'Health'],
      event: words,
      responseTypes: ['Avoid', 'Monitor'],
      urgency: 'Immediate',
      severity: 'Severe',
      certainty: 'Likely',
      audience: words,
      effective: noon,
      onset: noon,
      expires: epochMs(noon + 1_000),
      senderName: words,
      headline: words,
      description: words,
      instruction: words,
      web: 'https://hp.example/warnings',
      contact: words,
      parameters: values,
      areas: [
        {
          areaDesc: words,
          polygons: [[0, 1, 2, 0].map((n) => ({ latitude: n % 2, longitude: n }))],
          circles: [{ centre: { latitude: 20.8, longitude: -0.0000001 }, radiusKm: 0.25 }],
          geocodes: values,
        },
      ],
    })),
  };
}

describe('the schema of CAP', () => {
  it('accepts whatever people write in the texts', async () => {
    expect(await schema.problems(writeCap(anAlertWithEverything(), VIETNAM_TIME))).toEqual([]);
    const [hostile] = fc.sample(fc.string({ unit: 'binary', minLength: 500, maxLength: 500 }), { numRuns: 1, seed: 7 });
    const written = writeCap(anAlertWithEverything(`]]> <!-- &#0; ${hostile}`), VIETNAM_TIME);
    expect(await schema.problems(written)).toEqual([]);
  });

  it('looks at documents one after the other, and refuses when too many wait', async () => {
    const busy = createXmllintSchema({
      schema: readFileSync(join(import.meta.dirname, '../../config/cap/CAP-v1.2.xsd'), 'utf8'),
      unfinished: 2,
    });
    const xml = writeCap(anAlertWithEverything(), VIETNAM_TIME);
    const looks = [xml, '<alert', xml].map((each) => busy.problems(each));
    const [first, second, third] = await Promise.allSettled(looks);
    expect(first).toMatchObject({ status: 'fulfilled', value: [] });
    expect(second).toMatchObject({ status: 'fulfilled', value: expect.arrayContaining([expect.any(String)]) });
    expect(third).toMatchObject({ status: 'rejected', reason: { name: 'CapSchemaBusyError' } });
    expect(await busy.problems(xml)).toEqual([]);
  });

  it('reads no file that a document names', async () => {
    const xml = writeCap(anAlertWithEverything('secret'), VIETNAM_TIME)
      .replace('<alert', '<!DOCTYPE alert [<!ENTITY secret SYSTEM "file:///etc/passwd">]>\n<alert')
      .replaceAll('>secret<', '>&secret;<');
    expect((await schema.problems(xml)).join('\n')).not.toContain('root:');
  });
});
