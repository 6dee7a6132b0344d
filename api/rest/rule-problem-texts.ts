import type { Localized } from '../../domain/localized.ts';
import type { RuleProblem } from '../../domain/rule-validation.ts';

/** What is wrong with a rule, in words. */
export const RULE_PROBLEM_TEXTS: Readonly<Record<RuleProblem['code'], Localized>> = {
  NO_LEVEL: { vi: 'Quy tắc cần ít nhất một mức', en: 'A rule needs at least one level' },
  SEVERITY_REPEATED: { vi: 'Mỗi mức độ chỉ được dùng một lần', en: 'Each severity may be used once' },
  NOT_FINITE: { vi: 'Giá trị phải là số hữu hạn', en: 'The value must be a finite number' },
  HYSTERESIS_NEGATIVE: { vi: 'Độ trễ trở về không được âm', en: 'The hysteresis must not be negative' },
  HYSTERESIS_TOO_WIDE: {
    vi: 'Độ trễ trở về quá rộng: cảnh báo sẽ không bao giờ hết',
    en: 'The hysteresis is too wide: the alarm could never clear',
  },
  HOLD_NEGATIVE: { vi: 'Thời gian duy trì không được âm', en: 'The hold time must not be negative' },
  SILENCE_HOLD_ZERO: {
    vi: 'Quy tắc mất tín hiệu cần thời gian chờ lớn hơn 0',
    en: 'A no-data rule needs a time longer than zero',
  },
  CLEAR_HOLD_NEGATIVE: {
    vi: 'Thời gian duy trì khi trở về không được âm',
    en: 'The clear hold must not be negative',
  },
  BAND_EMPTY: { vi: 'Cận dưới phải nhỏ hơn cận trên', en: 'The lower limit must be below the upper limit' },
  LEVELS_OUT_OF_ORDER: {
    vi: 'Mức nặng hơn phải có ngưỡng xa hơn mức nhẹ hơn',
    en: 'A worse level must lie farther out than a milder one',
  },
  RATE_LIMIT_NOT_POSITIVE: {
    vi: 'Giới hạn tốc độ thay đổi phải lớn hơn 0',
    en: 'The limit of a rate of change must be above zero',
  },
  WINDOW_SHORTER_THAN_INTERVAL: {
    vi: 'Khoảng thời gian xét phải dài hơn chu kỳ đo (với giá trị đứng yên: ít nhất hai chu kỳ)',
    en: 'The window must be at least one reporting interval long (two, for a frozen value)',
  },
  WINDOW_TOO_LONG: {
    vi: 'Khoảng thời gian xét chứa quá nhiều số đo (tối đa 4096)',
    en: 'The window would hold too many readings (at most 4,096)',
  },
  CAPTURE_OUT_OF_RANGE: {
    vi: 'Tỷ lệ số liệu tối thiểu phải từ 0 đến 100 %',
    en: 'The least data capture must be between 0 and 100 %',
  },
  PERCENTILE_OUT_OF_RANGE: {
    vi: 'Phân vị phải lớn hơn 0 và không quá 100',
    en: 'The percentile must be above 0 and at most 100',
  },
  TOLERANCE_NEGATIVE: { vi: 'Sai lệch cho phép không được âm', en: 'The tolerance must not be negative' },
  RATE_WINDOW_ZERO: { vi: 'Khoảng thời gian xét phải lớn hơn 0', en: 'The window must be longer than zero' },
};
