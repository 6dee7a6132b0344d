import type { Alarm } from '../alarm.ts';
import type { Language, Localized, TextKey } from '../localized.ts';
import { type MessageFacts, renderMessage } from '../message-template.ts';
import { type Quantity, stateName, unitSymbolIn, unitSymbolsOf } from '../quantity.ts';
import { SEVERITIES, severityRank } from '../rule.ts';
import type { EpochMs } from '../time.ts';
import { localTimeIn } from '../time-zone.ts';
import type { MessageContent, NotificationMessage, ToldKind } from './notification.ts';

/** One alarm as a message tells of it: what happened to it, and how it stands as the message is written. */
export interface AlarmLine {
  readonly alarm: Alarm;
  /** In the order they happened; at least one. */
  readonly told: readonly ToldKind[];
  readonly ruleName: Localized;
  readonly advice: Localized | null;
  /** The rule's own wording, with placeholders. */
  readonly template: Localized | null;
  readonly pointName: Localized;
  readonly siteName: Localized | null;
  readonly wardName: Localized | null;
  readonly quantity: Quantity | null;
  readonly link: string;
}

/** An incident as a message tells of it. */
export interface IncidentLine {
  /** A person's own name for it. */
  readonly ownName: string | null;
  /** As `titleOf` in `incident-evidence.ts` says it. */
  readonly title: TextKey;
  /** Alarms in it that the reader may know of. */
  readonly alarms: number;
  readonly isOver: boolean;
  readonly link: string;
}

export interface TextContext {
  readonly language: Language;
  readonly timeZone: string;
  readonly now: EpochMs;
  /** Page with all alarms. */
  readonly listLink: string;
}

const LOCALE: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-GB' };
/** Alarms a message names one by one, worst first; the others are counted. */
export const LINES_NAMED = 20;

const WORDS = {
  vi: {
    severity: { critical: 'Khẩn cấp', major: 'Nghiêm trọng', minor: 'Nhẹ', notice: 'Lưu ý' },
    alarms: (n: number) => `${n} cảnh báo`,
    cleared: 'Đã trở lại bình thường',
    escalated: 'tăng mức',
    unanswered: 'Chưa ai xác nhận',
    unansweredAlarms: (n: number) => `${n} cảnh báo chưa ai xác nhận`,
    summary: 'Tổng hợp',
    update: 'Cập nhật',
    point: 'Điểm đo',
    limit: 'giới hạn',
    since: 'Từ',
    clearedAt: 'Trở lại bình thường lúc',
    active: 'Đang diễn ra',
    new: 'chưa ai xác nhận',
    acknowledged: 'đã xác nhận',
    in_progress: 'đang xử lý',
    resolved: 'đã xử lý',
    advice: 'Nên làm',
    suspect: 'Dựa trên số đo nghi ngờ',
    others: (n: number) => `và ${n} cảnh báo khác`,
    incident: {
      no_supply: (name: string) => `${name} mất điện`,
      no_water: (name: string) => `${name} mất nước`,
      no_data: (name: string) => `${name} mất tín hiệu`,
      offline: (name: string) => `${name} mất kết nối`,
      limit: (name: string) => `${name}: nhiều cảnh báo cùng lúc`,
      device: (name: string) => `Cổng kết nối ${name} ngừng hoạt động`,
      hidden: () => 'Sự cố ở mạng lưới của cơ quan khác',
      place: () => 'Cùng một hiện tượng trên diện rộng',
      hand: () => 'Sự cố do nhân viên trực gom',
    },
    cause: 'Nguyên nhân gốc',
    over: 'Đã kết thúc',
    later: 'Cảnh báo khác cùng sự cố sẽ không được báo riêng.',
    test: 'Thử thông báo từ Hải Đăng',
    testText: (name: string) => `Đây là tin thử do ${name} gửi. Kênh này nhận được thông báo của Hải Đăng.`,
  },
  en: {
    severity: { critical: 'Critical', major: 'Major', minor: 'Minor', notice: 'Notice' },
    alarms: (n: number) => `${n} ${n === 1 ? 'alarm' : 'alarms'}`,
    cleared: 'Back to normal',
    escalated: 'grew worse',
    unanswered: 'Nobody has acknowledged',
    unansweredAlarms: (n: number) => `${n} alarms nobody has acknowledged`,
    summary: 'Summary',
    update: 'Update',
    point: 'Measurement point',
    limit: 'limit',
    since: 'Since',
    clearedAt: 'Back to normal at',
    active: 'Active',
    new: 'not acknowledged',
    acknowledged: 'acknowledged',
    in_progress: 'in progress',
    resolved: 'resolved',
    advice: 'What to do',
    suspect: 'On suspect readings',
    others: (n: number) => `and ${n} more`,
    incident: {
      no_supply: (name: string) => `${name} is out`,
      no_water: (name: string) => `${name} has no water`,
      no_data: (name: string) => `${name} is silent`,
      offline: (name: string) => `${name} is offline`,
      limit: (name: string) => `${name}: several alarms at once`,
      device: (name: string) => `Gateway ${name} is down`,
      hidden: () => 'Incident in another agency’s network',
      place: () => 'The same thing over a wide area',
      hand: () => 'Incident made by an operator',
    },
    cause: 'Root cause',
    over: 'It is over',
    later: 'Further alarms of this incident are not told one by one.',
    test: 'Test message from Hải Đăng',
    testText: (name: string) => `${name} sent this test. This channel receives messages from Hải Đăng.`,
  },
} as const;

function formatInstant(at: EpochMs, language: Language, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: language === 'vi' ? '2-digit' : 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  return language === 'vi'
    ? `${part('day')}/${part('month')}/${part('year')} ${time}`
    : `${part('day')} ${part('month')} ${part('year')} ${time}`;
}

function withUnit(value: number, quantity: Quantity | null, language: Language): string {
  const number = new Intl.NumberFormat(LOCALE[language], {
    minimumFractionDigits: quantity?.decimals ?? 0,
    maximumFractionDigits: quantity?.decimals ?? 3,
  }).format(value);
  const unit = quantity === null ? '' : unitSymbolIn(quantity, language);
  return unit === '' ? number : `${number} ${unit}`;
}

/** What is measured, with its value and limit: `PM2.5: 61,0 µg/m³ (giới hạn 50,0 µg/m³)`; a state by its name alone. */
function measured({ alarm, quantity }: AlarmLine, language: Language): string | null {
  const value = alarm.condition === 'cleared' ? alarm.lastValue : (alarm.lastValue ?? alarm.triggerValue);
  if (value === null) return null;
  const state = quantity === null ? undefined : stateName(quantity, value);
  if (quantity !== null && state !== undefined) return `${quantity.name[language]}: ${state[language]}`;
  const limit = alarm.limit === null ? '' : ` (${WORDS[language].limit} ${withUnit(alarm.limit, quantity, language)})`;
  return `${quantity?.name[language] ?? alarm.quantity}: ${withUnit(value, quantity, language)}${limit}`;
}

const isOver = ({ alarm }: AlarmLine): boolean => alarm.condition === 'cleared' || alarm.endedAt !== null;

/** Worst first; what goes on before what is over; newest first. */
export const inOrder = (lines: readonly AlarmLine[]): readonly AlarmLine[] =>
  [...lines].sort(
    (a, b) =>
      Number(isOver(a)) - Number(isOver(b)) ||
      severityRank(a.alarm.severity) - severityRank(b.alarm.severity) ||
      b.alarm.activatedAt - a.alarm.activatedAt,
  );

function headOf(line: AlarmLine, language: Language): string {
  const words = WORDS[language];
  const { alarm, told } = line;
  const what = isOver(line)
    ? words.cleared
    : told.includes('unanswered')
      ? `${words.unanswered} (${words.severity[alarm.severity].toLowerCase()})`
      : told.includes('escalated')
        ? `${words.severity[alarm.severity]} (${words.escalated})`
        : words.severity[alarm.severity];
  return `${what}: ${line.ruleName[language]} – ${line.pointName[language]}`;
}

/** The rule's own words of it; `null` where the rule leaves the wording to us. */
function ownWords(line: AlarmLine, { language, timeZone, now }: TextContext): string | null {
  const { alarm, template, quantity } = line;
  if (template === null) return null;
  const facts: MessageFacts = {
    rule: line.ruleName,
    point: line.pointName,
    site: line.siteName,
    ward: line.wardName,
    quantity: quantity?.name ?? { vi: alarm.quantity, en: alarm.quantity },
    value: alarm.lastValue ?? alarm.triggerValue,
    limit: alarm.limit,
    unitSymbol: unitSymbolsOf(quantity),
    decimals: quantity?.decimals ?? 0,
    stateNames: quantity?.stateNames,
    severity: alarm.severity,
    since: alarm.activatedAt,
    now,
    count: alarm.area?.breaching.length ?? 1,
    total: alarm.area?.points.length ?? 1,
  };
  return renderMessage(template, language, facts, localTimeIn(timeZone));
}

function wholeText(line: AlarmLine, context: TextContext): string {
  const { language, timeZone } = context;
  const words = WORDS[language];
  const { alarm, wardName, advice } = line;
  const place = wardName === null ? '' : `, ${wardName[language]}`;
  return [
    headOf(line, language),
    isOver(line) ? null : ownWords(line, context),
    `${words.point}: ${line.pointName[language]}${place}`,
    measured(line, language),
    `${words.since} ${formatInstant(alarm.activatedAt, language, timeZone)}`,
    alarm.clearedAt === null
      ? `${words.active}, ${words[alarm.work]}`
      : `${words.clearedAt} ${formatInstant(alarm.clearedAt, language, timeZone)}`,
    alarm.onSuspectData ? words.suspect : null,
    advice === null || isOver(line) ? null : `${words.advice}: ${advice[language]}`,
    line.link,
  ]
    .filter((part) => part !== null)
    .join('\n');
}

function shortText(line: AlarmLine, { language, timeZone }: TextContext): string {
  const facts = [measured(line, language), formatInstant(line.alarm.activatedAt, language, timeZone)];
  return `• ${headOf(line, language)}\n  ${facts.filter((fact) => fact !== null).join(' · ')}`;
}

/** `2 khẩn cấp, 5 nhẹ`, worst first, of those that go on. */
function countsOf(lines: readonly AlarmLine[], language: Language): string {
  const words = WORDS[language];
  const going = lines.filter((line) => !isOver(line));
  const parts = SEVERITIES.flatMap((severity) => {
    const n = going.filter(({ alarm }) => alarm.severity === severity).length;
    return n === 0 ? [] : [`${n} ${words.severity[severity].toLowerCase()}`];
  });
  const over = lines.length - going.length;
  if (over > 0) parts.push(`${over} ${words.cleared.toLowerCase()}`);
  return parts.join(', ');
}

/**
 * What a message of these alarms says; one line for each alarm, at least one. One alarm is told whole; of several there are the counts, then the worst
 * {@link LINES_NAMED}, then how many more there are.
 */
export function alarmMessage(
  lines: readonly AlarmLine[],
  kind: Exclude<NotificationMessage['kind'], 'test'>,
  context: TextContext,
): MessageContent {
  const { language, listLink } = context;
  const words = WORDS[language];
  const sorted = inOrder(lines);
  const [first] = sorted;
  if (first === undefined) throw new RangeError('a message tells of at least one alarm');
  const prefix = kind === 'summary' ? `${words.summary}: ` : kind === 'update' ? `${words.update}: ` : '';
  const severity = first.alarm.severity;
  if (sorted.length === 1) {
    return { title: prefix + headOf(first, language), text: wholeText(first, context), severity, link: first.link };
  }
  const unanswered = sorted.every(({ told }) => told.includes('unanswered'));
  const count = unanswered ? words.unansweredAlarms(sorted.length) : words.alarms(sorted.length);
  const named = sorted.slice(0, LINES_NAMED);
  const text = [
    `${count}: ${countsOf(sorted, language)}`,
    '',
    ...named.map((line) => shortText(line, context)),
    ...(sorted.length > named.length ? [words.others(sorted.length - named.length)] : []),
    '',
    listLink,
  ].join('\n');
  return { title: `${prefix}${count} – ${headOf(first, language)}`, text, severity, link: listLink };
}

type IncidentTitle = keyof (typeof WORDS)['vi']['incident'];
function incidentTitle({ ownName, title: { key, params } }: IncidentLine, language: Language): string {
  if (ownName !== null) return ownName;
  const words = WORDS[language].incident;
  const kind = key.slice(key.lastIndexOf('.') + 1);
  return words[kind in words ? (kind as IncidentTitle) : 'hand'](String(params?.[`name_${language}`] ?? ''));
}

/** What a message of an incident says: its cause, how many alarms it has, and those of them that are new; one line for each, at least one. */
export function incidentMessage(
  incident: IncidentLine,
  lines: readonly AlarmLine[],
  kind: Exclude<NotificationMessage['kind'], 'test'>,
  context: TextContext,
): MessageContent {
  const { language } = context;
  const words = WORDS[language];
  const sorted = inOrder(lines);
  const [first] = sorted;
  if (first === undefined) throw new RangeError('a message tells of at least one alarm');
  const prefix = kind === 'update' ? `${words.update}: ` : '';
  const severity = first.alarm.severity;
  // The reader may see fewer than there are, but not fewer than are told here.
  const count = words.alarms(Math.max(incident.alarms, sorted.length));
  const title = incidentTitle(incident, language);
  const state = incident.isOver ? words.over : sorted.every(isOver) ? words.cleared : words.severity[severity];
  const named = sorted.slice(0, LINES_NAMED);
  const text = [
    `${words.cause}: ${title}`,
    `${count}: ${countsOf(sorted, language)}`,
    '',
    ...named.map((line) => shortText(line, context)),
    ...(sorted.length > named.length ? [words.others(sorted.length - named.length)] : []),
    '',
    ...(incident.isOver ? [] : [words.later]),
    incident.link,
  ].join('\n');
  return { title: `${prefix}${state}: ${title} – ${count}`, text, severity, link: incident.link };
}

/** What a person's test says. */
export function testMessage(
  by: string,
  { language, listLink }: Pick<TextContext, 'language' | 'listLink'>,
): MessageContent {
  const words = WORDS[language];
  return { title: words.test, text: `${words.testText(by)}\n${listLink}`, severity: null, link: listLink };
}
