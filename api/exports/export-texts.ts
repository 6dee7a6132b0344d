import type { Language, Localized } from '../../domain/localized.ts';
import { type QualityName, qualityKind, qualityName } from '../../domain/quality.ts';
import type { ExportKind } from './export-rows.ts';

const KINDS: Readonly<Record<ReturnType<typeof qualityKind>, Localized>> = {
  good: { vi: 'tốt', en: 'good' },
  suspect: { vi: 'nghi ngờ', en: 'suspect' },
  calibrating: { vi: 'đang hiệu chuẩn', en: 'calibrating' },
  invalid: { vi: 'không hợp lệ', en: 'invalid' },
};
const REASONS: Readonly<Record<QualityName, Localized>> = {
  GOOD: { vi: '', en: '' },
  SUSPECT_CLOCK_AHEAD: { vi: 'đồng hồ thiết bị chạy nhanh', en: 'device clock ahead' },
  SUSPECT_IMPLAUSIBLE: { vi: 'ngoài khoảng hợp lý', en: 'outside the plausible range' },
  SUSPECT_RATE: { vi: 'thay đổi quá nhanh', en: 'changed too fast' },
  SUSPECT_STUCK: { vi: 'giá trị đứng yên', en: 'frozen value' },
  SUSPECT_NEIGHBOURS: { vi: 'lệch so với các điểm lân cận', en: 'disagrees with its neighbours' },
  SUSPECT_DECLARED: { vi: 'do người hoặc thiết bị ghi nhận', en: 'declared by a person or the device' },
  CALIBRATING: { vi: '', en: '' },
  INVALID_OUT_OF_RANGE: { vi: 'ngoài khoảng vật lý', en: 'outside the physical range' },
  INVALID_DEVICE_FAULT: { vi: 'thiết bị báo lỗi', en: 'device fault' },
  INVALID_DECLARED: { vi: 'do người ghi nhận', en: 'declared by a person' },
  INVALID_WITHDRAWN: { vi: 'giá trị tính toán đã thu hồi', en: 'computed value withdrawn' },
};
/** Quality and its reason, in words; the reason may be empty. */
export const qualityWords = (quality: number, language: Language): readonly [kind: string, reason: string] => [
  KINDS[qualityKind(quality)][language],
  REASONS[qualityName(quality)][language],
];

const WHAT: readonly Localized[] = [
  { vi: 'Mã điểm đo', en: 'Point id' },
  { vi: 'Điểm đo', en: 'Point' },
  { vi: 'Cơ quan', en: 'Agency' },
  { vi: 'Mã phường, xã', en: 'Ward code' },
  { vi: 'Đại lượng', en: 'Quantity' },
  { vi: 'Đơn vị', en: 'Unit' },
];
const HEADINGS: Readonly<Record<ExportKind, readonly Localized[]>> = {
  readings: [
    { vi: 'Thời gian', en: 'Local time' },
    { vi: 'Thời gian UTC', en: 'UTC time' },
    ...WHAT,
    { vi: 'Giá trị', en: 'Value' },
    { vi: 'Chất lượng', en: 'Quality' },
    { vi: 'Lý do', en: 'Reason' },
  ],
  windows: [
    { vi: 'Thời gian (đầu khoảng)', en: 'Local time (start)' },
    { vi: 'Thời gian UTC (đầu khoảng)', en: 'UTC time (start)' },
    ...WHAT,
    { vi: 'Trung bình', en: 'Mean' },
    { vi: 'Nhỏ nhất', en: 'Minimum' },
    { vi: 'Lớn nhất', en: 'Maximum' },
    { vi: 'Tổng', en: 'Sum' },
    { vi: 'Giá trị cuối', en: 'Last' },
    { vi: 'Số lượng số đo', en: 'Readings' },
    { vi: 'Trong đó tốt', en: 'Of them good' },
  ],
};
export const headings = (kind: ExportKind, language: Language): readonly string[] =>
  HEADINGS[kind].map((text) => text[language]);

export const SHEET_NAMES: Readonly<Record<'about' | 'data', Localized>> = {
  about: { vi: 'Thông tin', en: 'About' },
  data: { vi: 'Số liệu', en: 'Data' },
};

/** What the file says of itself. */
export const NOTES = {
  title: { vi: 'Số liệu xuất từ Hải Đăng', en: 'Readings exported from Hải Đăng' },
  span: { vi: 'Từ {from} đến trước {to} ({zone})', en: 'From {from} to before {to} ({zone})' },
  raw: { vi: 'Số đo gốc', en: 'Readings as they came' },
  step: { vi: 'Tổng hợp theo khoảng {step}', en: 'Aggregated in steps of {step}' },
  unusableLeftOut: {
    vi: 'Không gồm số đo không hợp lệ và đang hiệu chuẩn',
    en: 'Without invalid readings and those of calibration',
  },
  unusableIn: {
    vi: 'Gồm cả số đo không hợp lệ và đang hiệu chuẩn; xem cột chất lượng',
    en: 'With invalid readings and those of calibration; see the quality column',
  },
  windowsUsable: {
    vi: 'Giá trị tổng hợp không tính số đo không hợp lệ và đang hiệu chuẩn; khoảng không có số đo không có trong tệp',
    en: 'Aggregates count no invalid readings and none of calibration; steps without readings are not in the file',
  },
  leftOut: { vi: 'Số đo đã bỏ: {count}', en: 'Readings left out: {count}' },
  goneRaw: {
    vi: 'Của {count} chuỗi số liệu, số đo gốc ở đầu khoảng đã hết hạn lưu; chỉ còn giá trị giờ hoặc ngày, hãy xuất theo giờ hoặc ngày',
    en: 'Of {count} series, readings at the beginning of the span are no longer kept; only hourly or daily values are left: export by the hour or day',
  },
  goneWindows: {
    vi: 'Của {count} chuỗi số liệu, phần đầu khoảng lấy từ giá trị giờ hoặc ngày đã lưu, vì số đo gốc đã hết hạn lưu',
    en: 'Of {count} series, the beginning of the span comes from hourly or daily values, since readings are no longer kept',
  },
  rows: { vi: 'Số dòng: {count}', en: 'Rows: {count}' },
} as const satisfies Record<string, Localized>;
