import type { Localized } from '../domain/localized.ts';
import type { CapProblem } from '../domain/warning/cap-rules.ts';
import type { ContentProblemCode } from '../domain/warning/warning-content.ts';

interface ProblemText {
  readonly title: Localized;
  readonly detail: Localized;
}

/** Problems of official warnings; part of `PROBLEM_TEXTS`. */
export const WARNING_PROBLEM_TEXTS = {
  WARNING_OWN: {
    title: { vi: 'Cần người thứ hai', en: 'A second person is needed' },
    detail: {
      vi: 'Người soạn hoặc sửa cảnh báo không được tự duyệt hay từ chối. Hãy nhờ đồng nghiệp có quyền duyệt.',
      en: 'Nobody approves or refuses a warning they wrote in. Ask a colleague who may approve.',
    },
  },
  WARNING_INCOMPLETE: {
    title: { vi: 'Cảnh báo chưa đầy đủ', en: 'The warning is not complete' },
    detail: {
      vi: 'Xem mục "errors" để biết còn thiếu gì. Bản nháp vẫn được giữ.',
      en: 'See "errors" for what is missing. The draft is kept.',
    },
  },
  WARNING_SCHEMA: {
    title: { vi: 'Bản tin không đúng lược đồ CAP 1.2', en: 'The message does not keep the schema of CAP 1.2' },
    detail: {
      vi: 'Chưa có gì được công bố. Xem mục "errors".',
      en: 'Nothing was published. See "errors".',
    },
  },
} as const satisfies Record<string, ProblemText>;

/** What is missing in a warning, or wrong with it. */
export const WARNING_CONTENT_TEXTS: Readonly<Record<ContentProblemCode | CapProblem, Localized>> = {
  TEXT_MISSING: { vi: 'Thiếu nội dung trong ngôn ngữ này', en: 'The text is missing in this language' },
  CATEGORY_MISSING: { vi: 'Cần ít nhất một loại', en: 'At least one category is needed' },
  AREA_MISSING: { vi: 'Chưa có khu vực trên bản đồ', en: 'There is no area on the map' },
  OUTLINE_CORNERS: { vi: 'Khu vực cần ít nhất ba đỉnh', en: 'An area has at least three corners' },
  OUTLINE_CROSSES: { vi: 'Đường viền khu vực tự cắt', en: 'The outline of the area crosses itself' },
  EXPIRES_MISSING: { vi: 'Cần thời điểm hết hiệu lực', en: 'The end is missing' },
  EXPIRES_PAST: { vi: 'Thời điểm hết hiệu lực đã qua', en: 'The end is already past' },
  EXPIRES_BEFORE_ONSET: { vi: 'Hết hiệu lực phải sau khi bắt đầu', en: 'The end must come after the beginning' },
  IDENTIFIER_CHARACTERS: {
    vi: 'Mã bản tin có ký tự không cho phép',
    en: 'The identifier has characters it may not have',
  },
  SENDER_CHARACTERS: { vi: 'Mã nơi gửi có ký tự không cho phép', en: 'The sender has characters it may not have' },
  REFERENCES_MISSING: { vi: 'Thiếu tham chiếu đến bản tin trước', en: 'It does not say which messages it replaces' },
  REFERENCE_CHARACTERS: { vi: 'Tham chiếu có ký tự không cho phép', en: 'A reference has characters it may not have' },
  RESTRICTION_MISSING: { vi: 'Thiếu phạm vi hạn chế', en: 'The restriction is missing' },
  ADDRESSES_MISSING: { vi: 'Thiếu địa chỉ nhận', en: 'The addresses are missing' },
  POLYGON_OPEN: { vi: 'Đường viền chưa khép kín', en: 'An outline is not closed' },
  PLACE_OUT_OF_RANGE: { vi: 'Tọa độ ngoài phạm vi', en: 'A place is not on earth' },
  RADIUS_OUT_OF_RANGE: { vi: 'Bán kính không hợp lệ', en: 'A radius makes no sense' },
  LANGUAGE_REPEATED: { vi: 'Một ngôn ngữ xuất hiện hai lần', en: 'A language comes twice' },
};
