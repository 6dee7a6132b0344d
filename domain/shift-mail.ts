import type { Language } from './localized.ts';
import type { MessageContent } from './notifications/notification.ts';
import { SEVERITIES } from './rule.ts';
import type { Handover } from './shift-handover.ts';
import { type BySeverity, totalOf } from './shift-summary.ts';
import type { EpochMs } from './time.ts';
import type { UtcOffset } from './time-zone.ts';

const WORDS = {
  vi: {
    title: 'Biên bản giao ca',
    shift: 'Ca',
    signed: 'Người giao',
    received: 'Người nhận',
    notReceived: 'chưa ký nhận',
    open: 'Cảnh báo đang mở',
    unacknowledged: 'chưa xác nhận',
    raised: 'Phát sinh trong ca',
    shelved: 'Đang tạm hoãn',
    windows: 'Bảo trì, ngừng sử dụng đang hiệu lực',
    warnings: 'Cảnh báo chính thức đang hiệu lực',
    devices: 'Thiết bị mất kết nối',
    notes: 'Ghi chép',
    correction: 'đính chính',
    remark: 'Lời dặn',
    until: 'đến',
    noEnd: 'chưa định ngày kết thúc',
    none: 'không có',
    others: (n: number) => `và ${n} mục khác`,
    whole: 'Toàn văn',
    hash: 'Mã SHA-256 của biên bản',
    severity: { critical: 'khẩn cấp', major: 'nghiêm trọng', minor: 'nhẹ', notice: 'lưu ý' },
  },
  en: {
    title: 'Shift handover',
    shift: 'Shift',
    signed: 'Handed over by',
    received: 'Taken over by',
    notReceived: 'not signed for yet',
    open: 'Open alarms',
    unacknowledged: 'not acknowledged',
    raised: 'Raised in the shift',
    shelved: 'Shelved',
    windows: 'Maintenance and out of service in force',
    warnings: 'Official warnings in force',
    devices: 'Devices not connected',
    notes: 'Notes',
    correction: 'correction',
    remark: 'Remark',
    until: 'until',
    noEnd: 'no end given',
    none: 'none',
    others: (n: number) => `and ${n} more`,
    whole: 'The whole record',
    hash: 'SHA-256 of the record',
    severity: { critical: 'critical', major: 'major', minor: 'minor', notice: 'notice' },
  },
} as const;
/** Lines of each list; the others are counted. */
const LINES_NAMED = 20;

/** `26/11/2026 14:05` (vi), `26 Nov 2026 14:05` (en), local. */
function formatLocal(at: EpochMs, language: Language, offset: UtcOffset): string {
  const local = new Date(at + offset(at));
  const date = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    timeZone: 'UTC',
    day: '2-digit',
    month: language === 'vi' ? '2-digit' : 'short',
    year: 'numeric',
  }).format(local);
  return `${date} ${local.toISOString().slice(11, 16)}`;
}

/** A signed record as a mail, in one language; the whole of it is behind `link`. */
export function handoverMail(
  { content, receipt, sha256 }: Handover,
  to: { readonly language: Language; readonly offset: UtcOffset; readonly link: string },
): MessageContent {
  const { language, offset, link } = to;
  const words = WORDS[language];
  const time = (at: EpochMs): string => formatLocal(at, language, offset);
  const counts = (by: BySeverity): string => {
    const parts = SEVERITIES.filter((one) => by[one] > 0).map((one) => `${by[one]} ${words.severity[one]}`);
    return `${totalOf(by)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
  };
  const list = (title: string, lines: readonly string[], count = lines.length): string => {
    if (count === 0) return `${title}: ${words.none}`;
    const named = lines.slice(0, LINES_NAMED);
    const more = count > named.length ? [`- ${words.others(count - named.length)}`] : [];
    return [`${title}: ${count}`, ...named.map((line) => `- ${line}`), ...more].join('\n');
  };
  const end = (until: EpochMs | null): string => (until === null ? words.noEnd : `${words.until} ${time(until)}`);
  const { summary, shift, agencyName, covers, signedBy, remark } = content;
  const title = `${words.title} – ${agencyName[language]} – ${time(covers.to)}`;
  const lines = [
    `${words.shift} ${shift.number}: ${time(covers.from)} – ${time(covers.to)}`,
    `${words.signed}: ${signedBy.name}, ${time(content.signedAt)}`,
    `${words.received}: ${receipt === null ? words.notReceived : `${receipt.receivedBy.name}, ${time(receipt.receivedAt)}`}`,
    ...(remark === '' ? [] : [`${words.remark}: ${remark}`]),
    '',
    `${words.open}: ${counts(summary.open)}; ${words.unacknowledged}: ${counts(summary.unacknowledged)}`,
    ...summary.alarms
      .slice(0, LINES_NAMED)
      .map(
        (one) =>
          `- ${words.severity[one.severity]}: ${one.pointName[language]} – ${one.ruleName[language]}, ${time(one.startedAt)}`,
      ),
    `${words.raised}: ${counts(summary.raised)}`,
    '',
    list(
      words.shelved,
      summary.shelved.map(({ pointName, shelf }) => `${pointName[language]}: ${shelf.reason} (${end(shelf.until)})`),
      summary.shelvedCount,
    ),
    list(
      words.windows,
      summary.windows.map(({ scopeName, reason, until }) => `${scopeName[language]}: ${reason} (${end(until)})`),
    ),
    list(
      words.warnings,
      summary.warnings.map(({ headline, expires }) => `${headline[language]} (${end(expires)})`),
    ),
    list(
      words.devices,
      summary.devicesDown.map(({ deviceId, since }) => `${deviceId}, ${time(since)}`),
      summary.devicesDownCount,
    ),
    list(
      words.notes,
      summary.notes.flatMap(({ note, corrections }) => [
        `${time(note.happenedAt)} ${note.byName ?? ''}: ${note.text}`,
        ...corrections.map((one) => `  ${words.correction} ${time(one.at)} ${one.byName ?? ''}: ${one.text}`),
      ]),
    ),
    '',
    `${words.whole}: ${link}`,
    `${words.hash}: ${sha256}`,
  ];
  return { title, text: lines.join('\n'), severity: null, link };
}
