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
  GRID_STEP_TOO_SHORT: { vi: 'Bước xét phải từ 1 giây trở lên', en: 'The judging step must be at least 1 second' },
  GRID_AGE_NOT_POSITIVE: {
    vi: 'Thời hạn của số đo phải lớn hơn 0',
    en: 'The greatest age of a reading must be above zero',
  },
  GRID_SETTLE_NEGATIVE: { vi: 'Thời gian chờ số đo không được âm', en: 'The waiting time must not be negative' },
  PARTS_TOO_FEW: { vi: 'Cần ít nhất hai điều kiện để kết hợp', en: 'A combination needs at least two parts' },
  PARTS_REPEATED: {
    vi: 'Hai điều kiện xét cùng một đại lượng theo cùng một cách',
    en: 'Two parts watch the same quantity in the same way',
  },
  PARTS_WITHOUT_QUANTITY: {
    vi: 'Một trong các điều kiện phải xét đại lượng của quy tắc',
    en: 'One of the parts must watch the rule’s own quantity',
  },
  LIMITS_NOT_OF_PARTS: {
    vi: 'Mỗi mức cần một ngưỡng cho từng điều kiện',
    en: 'Each level needs one limit for every part',
  },
  LIMIT_OF_OTHER_SIDE: {
    vi: 'Điều kiện “ngoài khoảng” cần cận dưới và cận trên, các điều kiện khác cần một ngưỡng',
    en: '“Outside” needs a lower and an upper limit; the other conditions need one limit',
  },
  POINTS_NOT_POSITIVE: {
    vi: 'Số điểm đo phải là số nguyên từ 1',
    en: 'The number of points must be a whole number from 1',
  },
  HEARD_OUT_OF_RANGE: {
    vi: 'Tỷ lệ điểm đo có số liệu phải từ 0 đến 100 %',
    en: 'The share of points heard must be between 0 and 100 %',
  },
  DISTANCE_NOT_POSITIVE: { vi: 'Khoảng cách phải lớn hơn 0', en: 'The distance must be above zero' },
  NEIGHBOURS_NOT_POSITIVE: {
    vi: 'Số điểm đo lân cận phải là số nguyên từ 1',
    en: 'The number of neighbours must be a whole number from 1',
  },
  OUTLINE_TOO_FEW_CORNERS: {
    vi: 'Đường bao của vùng cần ít nhất ba đỉnh',
    en: 'The outline of an area needs at least three corners',
  },
  PLACEHOLDER_UNKNOWN: {
    vi: 'Không có chỗ điền nào tên là {placeholder}',
    en: 'There is no placeholder named {placeholder}',
  },
  BRACE_UNMATCHED: {
    vi: 'Dấu ngoặc nhọn không có đôi; viết {{ hoặc }} nếu cần chính dấu đó',
    en: 'A brace has no partner; write {{ or }} for the brace itself',
  },
  RATE_WINDOW_ZERO: { vi: 'Khoảng thời gian xét phải lớn hơn 0', en: 'The window must be longer than zero' },
};
