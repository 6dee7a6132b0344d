import type { Location } from '../asset.ts';
import { type EpochMs, epochMs } from '../time.ts';
import type { UtcOffset } from '../time-zone.ts';
import { CAP_NAMESPACE, type CapAlert, type CapArea, type CapInfo, type CapNamedValue } from './cap.ts';
import { textElement, writeXml, type XmlElement } from './xml.ts';

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/**
 * `2026-03-01T09:05:00+07:00`: local time in whole seconds, rounded down, never `Z`; UTC itself is `-00:00` (CAP 1.2 §3.3.2).
 * Offsets that are no whole minutes don't exist in the protocol and are rounded down.
 */
export function capTime(at: EpochMs, utcOffset: UtcOffset): string {
  const offsetMinutes = Math.floor(utcOffset(at) / 60_000);
  const local = new Date(Math.floor(at / 1000) * 1000 + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const size = Math.abs(offsetMinutes);
  const sign = offsetMinutes > 0 ? '+' : '-';
  return `${local}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** The instant that {@link capTime} writes: whole seconds. */
export const wholeSeconds = (at: EpochMs): EpochMs => epochMs(Math.floor(at / 1000) * 1000);

/** Five decimals are a metre. Latitude first, the reverse of GeoJSON. */
const DECIMALS = 5;
const degrees = (value: number): string => {
  const text = value.toFixed(DECIMALS);
  return Number(text) === 0 ? (0).toFixed(DECIMALS) : text;
};
const place = ({ latitude, longitude }: Location): string => `${degrees(latitude)},${degrees(longitude)}`;

const optional = (name: string, text: string | undefined): XmlElement[] =>
  text === undefined || text === '' ? [] : [textElement(name, text)];
const named = (name: string, { valueName, value }: CapNamedValue): XmlElement => ({
  name,
  content: [textElement('valueName', valueName), textElement('value', value)],
});

function areaElement(area: CapArea): XmlElement {
  return {
    name: 'area',
    content: [
      textElement('areaDesc', area.areaDesc),
      ...area.polygons.map((ring) => textElement('polygon', ring.map(place).join(' '))),
      ...area.circles.map(({ centre, radiusKm }) => textElement('circle', `${place(centre)} ${radiusKm}`)),
      ...area.geocodes.map((code) => named('geocode', code)),
    ],
  };
}

function infoElement(info: CapInfo, time: (at: EpochMs) => string): XmlElement {
  const instant = (name: string, at: EpochMs | undefined): XmlElement[] =>
    at === undefined ? [] : [textElement(name, time(at))];
  return {
    name: 'info',
    content: [
      textElement('language', info.language),
      ...info.categories.map((category) => textElement('category', category)),
      textElement('event', info.event),
      ...info.responseTypes.map((type) => textElement('responseType', type)),
      textElement('urgency', info.urgency),
      textElement('severity', info.severity),
      textElement('certainty', info.certainty),
      ...optional('audience', info.audience),
      ...instant('effective', info.effective),
      ...instant('onset', info.onset),
      ...instant('expires', info.expires),
      ...optional('senderName', info.senderName),
      ...optional('headline', info.headline),
      ...optional('description', info.description),
      ...optional('instruction', info.instruction),
      ...optional('web', info.web),
      ...optional('contact', info.contact),
      ...info.parameters.map((parameter) => named('parameter', parameter)),
      ...info.areas.map(areaElement),
    ],
  };
}

/** The message as CAP 1.2 has it: elements in the schema's order, times in local time. */
export function writeCap(alert: CapAlert, utcOffset: UtcOffset): string {
  const time = (at: EpochMs): string => capTime(at, utcOffset);
  const references = alert.references
    .map(({ sender, identifier, sent }) => `${sender},${identifier},${time(sent)}`)
    .join(' ');
  return writeXml({
    name: 'alert',
    attributes: { xmlns: CAP_NAMESPACE },
    content: [
      textElement('identifier', alert.identifier),
      textElement('sender', alert.sender),
      textElement('sent', time(alert.sent)),
      textElement('status', alert.status),
      textElement('msgType', alert.msgType),
      ...optional('source', alert.source),
      textElement('scope', alert.scope),
      ...optional('restriction', alert.restriction),
      ...optional('addresses', alert.addresses),
      ...optional('note', alert.note),
      ...optional('references', references),
      ...optional('incidents', alert.incidents),
      ...alert.infos.map((info) => infoElement(info, time)),
    ],
  });
}
