import type { Language } from '../../domain/localized.ts';
import type { CapSeverity, CapUrgency } from '../../domain/warning/cap.ts';
import type { ProposalKind } from '../../domain/warning/warning.ts';
import type { PublicWarning } from '../contract/warnings.ts';

interface PublicTexts {
  readonly platform: string;
  readonly title: string;
  readonly other: string;
  readonly intro: string;
  readonly map: string;
  readonly mapOf: string;
  readonly inForce: string;
  readonly lately: string;
  readonly none: string;
  readonly noneHint: string;
  readonly exercise: string;
  readonly exerciseHint: string;
  readonly refreshed: string;
  readonly stale: string;
  readonly noScript: string;
  readonly until: string;
  readonly from: string;
  readonly sent: string;
  readonly changed: string;
  readonly ended: string;
  readonly area: string;
  readonly todo: string;
  readonly contact: string;
  readonly reason: string;
  readonly message: string;
  readonly feed: string;
  readonly print: string;
  readonly schematic: string;
  readonly keptFor: string;
  readonly kind: Readonly<Record<Exclude<ProposalKind, 'alert'>, string>>;
  readonly phase: Readonly<Record<PublicWarning['phase'], string>>;
  readonly severity: Readonly<Record<CapSeverity, string>>;
  readonly urgency: Readonly<Record<CapUrgency, string>>;
}

/** Words of what the public reads without signing in. `{…}` is filled by the page. */
export const PUBLIC_TEXTS: Readonly<Record<Language, PublicTexts>> = {
  vi: {
    platform: 'Hải Đăng',
    title: 'Cảnh báo chính thức',
    other: 'English',
    intro: 'Cảnh báo do cơ quan nhà nước công bố qua nền tảng Hải Đăng.',
    map: 'Bản đồ khu vực cảnh báo',
    mapOf: 'Bản đồ: {count} cảnh báo đang có hiệu lực',
    inForce: 'Đang có hiệu lực',
    lately: 'Vừa kết thúc',
    none: 'Hiện không có cảnh báo nào',
    noneHint: 'Khi có cảnh báo mới, trang này tự hiển thị.',
    exercise: 'Diễn tập',
    exerciseHint: 'Đây là diễn tập: không có nguy hiểm thật, không cần hành động.',
    refreshed: 'Cập nhật lúc',
    stale: 'Không tải được thông tin mới. Nội dung dưới đây là của lúc {time}.',
    noScript: 'Trang tự tải lại sau mỗi hai phút.',
    until: 'Hiệu lực đến',
    from: 'Từ',
    sent: 'Công bố',
    changed: 'Cập nhật',
    ended: 'Kết thúc',
    area: 'Khu vực',
    todo: 'Cần làm gì',
    contact: 'Liên hệ',
    reason: 'Lý do thay đổi',
    message: 'Bản tin CAP',
    feed: 'Nguồn tin Atom',
    print: 'In',
    schematic: 'Bản đồ sơ lược, không dùng để dẫn đường',
    keptFor: 'Cảnh báo đã kết thúc còn hiển thị ở đây trong {hours} giờ.',
    kind: { update: 'Cập nhật', cancel: 'Hủy' },
    phase: { in_force: 'Đang có hiệu lực', cancelled: 'Đã hủy', expired: 'Đã hết hiệu lực' },
    severity: {
      Extreme: 'Đặc biệt nghiêm trọng',
      Severe: 'Nghiêm trọng',
      Moderate: 'Trung bình',
      Minor: 'Nhẹ',
      Unknown: 'Chưa rõ mức độ',
    },
    urgency: {
      Immediate: 'hành động ngay',
      Expected: 'trong vòng một giờ',
      Future: 'sắp tới',
      Past: 'đã qua',
      Unknown: 'chưa rõ thời điểm',
    },
  },
  en: {
    platform: 'Hải Đăng',
    title: 'Official warnings',
    other: 'Tiếng Việt',
    intro: 'Warnings that public agencies publish through the Hải Đăng platform.',
    map: 'Map of the areas warned',
    mapOf: 'Map: {count} warnings in force',
    inForce: 'In force',
    lately: 'Lately ended',
    none: 'There are no warnings now',
    noneHint: 'When there is one, this page shows it by itself.',
    exercise: 'Exercise',
    exerciseHint: 'This is an exercise: there is no real danger and nothing to be done.',
    refreshed: 'Updated at',
    stale: 'Newer information could not be loaded. What is below is from {time}.',
    noScript: 'The page loads itself again every two minutes.',
    until: 'Holds until',
    from: 'From',
    sent: 'Published',
    changed: 'Updated',
    ended: 'Ended',
    area: 'Area',
    todo: 'What to do',
    contact: 'Contact',
    reason: 'Why it changed',
    message: 'CAP message',
    feed: 'Atom feed',
    print: 'Print',
    schematic: 'Schematic map, not for navigation',
    keptFor: 'Warnings that have ended stay here for {hours} hours.',
    kind: { update: 'Update', cancel: 'Cancelled' },
    phase: { in_force: 'In force', cancelled: 'Cancelled', expired: 'Expired' },
    severity: {
      Extreme: 'Extreme',
      Severe: 'Severe',
      Moderate: 'Moderate',
      Minor: 'Minor',
      Unknown: 'Severity unknown',
    },
    urgency: {
      Immediate: 'act now',
      Expected: 'within an hour',
      Future: 'later',
      Past: 'past',
      Unknown: 'time unknown',
    },
  },
};
