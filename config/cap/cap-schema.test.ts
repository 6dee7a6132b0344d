import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { expect, it } from 'vitest';

/**
 * What OASIS's CAP-v1.2.xsd says of each element, in its order: the type, its words where it lists them, and how often it may be there (nothing: once, `?`:
 * at most once, `+`: at least once, `*`: any number). Of the standard (CAP-v1.2-os, section 3.4), not made from our copy.
 */
const STANDARD = `
alert
  identifier string
  sender string
  sent time
  status Actual|Exercise|System|Test|Draft
  msgType Alert|Update|Cancel|Ack|Error
  source string ?
  scope Public|Restricted|Private
  restriction string ?
  addresses string ?
  code string *
  note string ?
  references string ?
  incidents string ?
  info *
    language language ? = en-US
    category Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other +
    event string
    responseType Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None *
    urgency Immediate|Expected|Future|Past|Unknown
    severity Extreme|Severe|Moderate|Minor|Unknown
    certainty Observed|Likely|Possible|Unlikely|Unknown
    audience string ?
    eventCode *
      cap:valueName
      cap:value
    effective time ?
    onset time ?
    expires time ?
    senderName string ?
    headline string ?
    description string ?
    instruction string ?
    web anyURI ?
    contact string ?
    parameter *
      cap:valueName
      cap:value
    resource *
      resourceDesc string
      mimeType string
      size integer ?
      uri anyURI ?
      derefUri string ?
      digest string ?
    area *
      areaDesc string
      polygon string *
      circle string *
      geocode *
        cap:valueName
        cap:value
      altitude decimal ?
      ceiling decimal ?
  any http://www.w3.org/2000/09/xmldsig# lax *
valueName string
value string
`;
const TIME = String.raw`\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-,+]\d\d:\d\d`;

const childrenOf = (parent: XmlElement, name?: string): readonly XmlElement[] =>
  parent.children.filter(
    (child): child is XmlElement => child instanceof XmlElement && (name === undefined || child.name === name),
  );
const inside = (parent: XmlElement, ...[name, ...further]: string[]): readonly XmlElement[] =>
  name === undefined ? [parent] : childrenOf(parent, name).flatMap((child) => inside(child, ...further));

const OFTEN: Readonly<Record<string, string>> = { '1 1': '', '0 1': '?', '1 unbounded': '+', '0 unbounded': '*' };

/** An element declaration in the words of {@link STANDARD}, with those of its content below it. */
function outline(element: XmlElement, depth = 0): string {
  const { name, ref, type, minOccurs = '1', maxOccurs = '1', namespace, processContents, ...more } = element.attributes;
  const [restriction] = inside(element, 'simpleType', 'restriction');
  const words = restriction && childrenOf(restriction, 'enumeration').map(({ attributes }) => attributes['value']);
  const [pattern] = restriction ? childrenOf(restriction, 'pattern') : [];
  const isTime = restriction?.attributes['base'] === 'xs:dateTime' && pattern?.attributes['value'] === TIME;
  const line = [
    element.name === 'any' ? `any ${namespace} ${processContents}` : (name ?? ref),
    isTime ? 'time' : words ? words.join('|') : type?.replace('xs:', ''),
    OFTEN[`${minOccurs} ${maxOccurs}`],
    ...Object.entries(more).map(([key, value]) => (key === 'default' ? `= ${value}` : `${key}=${value}`)),
  ];
  const content = inside(element, 'complexType', 'sequence').flatMap((sequence) => childrenOf(sequence));
  return [
    `${'  '.repeat(depth)}${line.filter(Boolean).join(' ')}`,
    ...content.map((child) => outline(child, depth + 1)),
  ].join('\n');
}

it('is the standard’s schema: each element in its place, as often, of its type and with its words', () => {
  const { root } = parseXml(readFileSync(join(import.meta.dirname, 'CAP-v1.2.xsd'), 'utf8'));
  expect(root?.attributes).toMatchObject({
    targetNamespace: 'urn:oasis:names:tc:emergency:cap:1.2',
    elementFormDefault: 'qualified',
    attributeFormDefault: 'unqualified',
    version: '1.2',
  });
  expect(
    childrenOf(root!, 'element')
      .map((element) => outline(element))
      .join('\n'),
  ).toBe(STANDARD.trim());
});
