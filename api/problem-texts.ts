import type { Language, Localized } from '../domain/localized.ts';
import type { ProblemCode } from './contract/problem.ts';
import { DEVICE_PROBLEM_TEXTS } from './device-problem-texts.ts';
import { FIRMWARE_PROBLEM_TEXTS } from './firmware-problem-texts.ts';
import { NOTIFICATION_REFUSAL_TEXTS } from './rest/notification-problem-texts.ts';
import { SHIFT_PROBLEM_TEXTS } from './shift-problem-texts.ts';
import { SUPPRESSION_PROBLEM_TEXTS } from './suppression-problem-texts.ts';
import { WARNING_PROBLEM_TEXTS } from './warning-problem-texts.ts';

/** What a problem is called and, filled with its parameters, what can be done about it. */
export const PROBLEM_TEXTS: Readonly<Record<ProblemCode, { readonly title: Localized; readonly detail: Localized }>> = {
  INPUT_INVALID: {
    title: { vi: 'Dữ liệu gửi lên không hợp lệ', en: 'The input is not valid' },
    detail: { vi: 'Xem mục "errors" để biết phần nào sai.', en: 'See "errors" for the parts that are wrong.' },
  },
  JSON_MALFORMED: {
    title: { vi: 'Nội dung không phải JSON', en: 'The body is not JSON' },
    detail: { vi: 'Hãy gửi JSON mã hóa UTF-8.', en: 'Send JSON in UTF-8.' },
  },
  BODY_TOO_LARGE: {
    title: { vi: 'Nội dung quá lớn', en: 'The body is too large' },
    detail: { vi: 'Tối đa {limitBytes} byte.', en: 'At most {limitBytes} bytes.' },
  },
  MEDIA_TYPE_UNSUPPORTED: {
    title: { vi: 'Kiểu nội dung không được hỗ trợ', en: 'The media type is not supported' },
    detail: { vi: 'Hãy gửi Content-Type: {types}.', en: 'Send Content-Type: {types}.' },
  },
  CURSOR_INVALID: {
    title: { vi: 'Con trỏ trang không hợp lệ', en: 'The page cursor is not valid' },
    detail: { vi: 'Hãy bắt đầu lại từ trang đầu.', en: 'Begin again at the first page.' },
  },
  QUERY_TOO_LARGE: {
    title: { vi: 'Truy vấn quá lớn', en: 'The query is too large' },
    detail: {
      vi: 'Truy vấn cho {asked} kết quả, tối đa {limit}. Hãy thu hẹp thời gian, giảm số chuỗi hoặc tăng bước.',
      en: 'It asks for {asked} results, the limit is {limit}. Take a shorter time, fewer series or a longer step.',
    },
  },
  EXPORTS_FULL: {
    title: { vi: 'Không còn chỗ cho tệp xuất', en: 'There is no room for another export' },
    detail: {
      vi: 'Hãy xóa bớt tệp đã xuất (bạn có {kept}), hoặc đợi đến khi tệp cũ hết hạn.',
      en: 'Remove exports that are not needed any more (you have {kept}), or wait until old ones expire.',
    },
  },
  LAST_ADMINISTRATOR: {
    title: { vi: 'Đây là quản trị viên cuối cùng', en: 'This is the last administrator' },
    detail: {
      vi: 'Không còn ai khác quản trị nền tảng. Hãy giao vai trò quản trị nền tảng cho một người khác trước.',
      en: 'Nobody else administers the platform. First give the platform administrator’s role to somebody else.',
    },
  },
  INVITATION_OVER: {
    title: { vi: 'Liên kết không còn dùng được', en: 'The link is not good any more' },
    detail: {
      vi: 'Liên kết đã được dùng, đã hết hạn hoặc đã có liên kết mới hơn. Hãy xin quản trị viên một liên kết mới.',
      en: 'It was used, has expired, or a newer one was made. Ask your administrator for a new link.',
    },
  },
  SAVED_VIEWS_FULL: {
    title: { vi: 'Không lưu thêm được chế độ xem', en: 'No more views can be saved' },
    detail: {
      vi: 'Bạn đang giữ {kept} chế độ xem loại này. Hãy xóa bớt những chế độ xem không còn dùng.',
      en: 'You keep {kept} views of this kind. Delete some that you do not use any more.',
    },
  },
  NOTIFICATION_LIMIT: {
    title: { vi: 'Đã đủ số lượng', en: 'There are as many as there may be' },
    detail: { vi: 'Tối đa {limit}. Hãy bỏ bớt một mục cũ trước.', en: 'At most {limit}. Take an old one away first.' },
  },
  NOT_SIGNED_IN: {
    title: { vi: 'Cần đăng nhập', en: 'Sign in first' },
    detail: { vi: 'Phiên đăng nhập không có hoặc đã hết hạn.', en: 'There is no session, or it has ended.' },
  },
  LOGIN_REFUSED: {
    title: { vi: 'Không đăng nhập được', en: 'Signing in was refused' },
    detail: { vi: 'Tên đăng nhập hoặc mật khẩu không đúng.', en: 'The login name or password is wrong.' },
  },
  DISPLAY_CODE_REFUSED: {
    title: { vi: 'Mã màn hình không dùng được', en: 'This code can’t be used' },
    detail: {
      vi: 'Mã chỉ dùng một lần, trong 30 phút. Hãy nhờ quản trị viên tạo mã mới.',
      en: 'A code is used once, within 30 minutes. Ask the administrator for a new one.',
    },
  },
  CSRF_REFUSED: {
    title: { vi: 'Yêu cầu không đến từ trang này', en: 'The request did not come from this site' },
    detail: { vi: 'Hãy tải lại trang rồi thử lại.', en: 'Load the page again and retry.' },
  },
  NOT_PERMITTED: {
    title: { vi: 'Không có quyền', en: 'Not permitted' },
    detail: {
      vi: 'Vai trò của bạn không cho phép việc này. Hãy hỏi quản trị viên của cơ quan.',
      en: 'Your roles do not allow this. Ask your agency’s administrator.',
    },
  },
  NOT_FOUND: {
    title: { vi: 'Không tìm thấy', en: 'Not found' },
    detail: { vi: 'Không có mục này, hoặc bạn không được biết về nó.', en: 'It does not exist, or not for you.' },
  },
  METHOD_NOT_ALLOWED: {
    title: { vi: 'Phương thức không được phép ở đây', en: 'The method is not allowed here' },
    detail: { vi: 'Được phép: {allowed}.', en: 'Allowed: {allowed}.' },
  },
  ALREADY_EXISTS: {
    title: { vi: 'Đã tồn tại', en: 'It exists already' },
    detail: { vi: 'Mã "{id}" đã được dùng.', en: 'The id "{id}" is taken.' },
  },
  REFERENCE_MISSING: {
    title: { vi: 'Mục được nhắc đến không tồn tại', en: 'Something referred to does not exist' },
    detail: { vi: 'Hãy kiểm tra các mã trong yêu cầu.', en: 'Check the ids in the request.' },
  },
  INVALID_STATE: {
    title: { vi: 'Không làm được ở trạng thái này', en: 'Not possible in this state' },
    detail: {
      vi: 'Trạng thái hiện tại không cho phép bước này. Hãy tải lại rồi xem.',
      en: 'Its present state does not allow this step. Load it again and look.',
    },
  },
  VERSION_REQUIRED: {
    title: { vi: 'Thiếu phiên bản', en: 'The version is missing' },
    detail: { vi: 'Hãy gửi If-Match với phiên bản đã đọc.', en: 'Send If-Match with the version that was read.' },
  },
  VERSION_STALE: {
    title: { vi: 'Đã có người thay đổi', en: 'Somebody changed it meanwhile' },
    detail: { vi: 'Hãy tải lại bản mới rồi sửa lại.', en: 'Load the new version and make the change again.' },
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: { vi: 'Khóa chống lặp đã dùng cho yêu cầu khác', en: 'The idempotency key was used for another request' },
    detail: { vi: 'Hãy dùng khóa mới cho yêu cầu mới.', en: 'Use a new key for a new request.' },
  },
  IDEMPOTENCY_KEY_IN_USE: {
    title: { vi: 'Yêu cầu cùng khóa đang được xử lý', en: 'A request with this key is still being worked on' },
    detail: { vi: 'Hãy đợi rồi thử lại.', en: 'Wait, then retry.' },
  },
  RULE_INVALID: {
    title: { vi: 'Quy tắc không hợp lệ', en: 'The rule makes no sense' },
    detail: { vi: 'Xem mục "errors" để biết phần nào sai.', en: 'See "errors" for the parts that are wrong.' },
  },
  RULE_NEEDS_REVIEW: {
    title: { vi: 'Quy tắc này cần người thứ hai xem xét', en: 'This rule needs a review by a second person' },
    detail: {
      vi: 'Hãy lưu thành bản nháp và gửi xem xét; người khác duyệt thì quy tắc mới được áp dụng.',
      en: 'Save it as a draft and submit it; it goes live when somebody else approves.',
    },
  },
  RULE_DRAFT_OWN: {
    title: { vi: 'Không thể tự duyệt bản nháp của mình', en: 'Nobody approves a draft of their own' },
    detail: {
      vi: 'Người đã viết bản nháp không được duyệt nó; hãy nhờ người khác.',
      en: 'Whoever wrote at a draft may not approve it: ask somebody else.',
    },
  },
  ...DEVICE_PROBLEM_TEXTS,
  ...WARNING_PROBLEM_TEXTS,
  ...SUPPRESSION_PROBLEM_TEXTS,
  ...SHIFT_PROBLEM_TEXTS,
  ...FIRMWARE_PROBLEM_TEXTS,
  SETUP_CLOSED: {
    title: { vi: 'Liên kết thiết lập không còn hiệu lực', en: 'The set-up link is not valid' },
    detail: {
      vi: 'Liên kết chỉ dùng được một lần, khi chưa có quản trị viên nào.',
      en: 'It works once, while there is no administrator yet.',
    },
  },
  TOO_MANY_REQUESTS: {
    title: { vi: 'Quá nhiều yêu cầu', en: 'Too many requests' },
    detail: { vi: 'Hãy thử lại sau {retryAfterSeconds} giây.', en: 'Retry after {retryAfterSeconds} seconds.' },
  },
  STORE_UNAVAILABLE: {
    title: { vi: 'Kho số đo tạm thời không trả lời', en: 'The store of readings does not answer now' },
    detail: {
      vi: 'Số đo mới vẫn được giữ an toàn. Hãy thử lại sau ít phút.',
      en: 'New readings are kept safe meanwhile. Retry in a few minutes.',
    },
  },
  JOURNAL_UNAVAILABLE: {
    title: { vi: 'Nhật ký ghi tạm thời không nhận thêm', en: 'The journal can take nothing now' },
    detail: { vi: 'Chưa có gì bị mất. Hãy thử lại sau.', en: 'Nothing is lost. Retry later.' },
  },
  REGISTRY_UNAVAILABLE: {
    title: { vi: 'Sổ đăng ký tạm thời không trả lời', en: 'The registry does not answer now' },
    detail: {
      vi: 'Số đo mới vẫn được giữ an toàn. Hãy thử lại sau ít phút.',
      en: 'New readings are kept safe meanwhile. Retry in a few minutes.',
    },
  },
  GATEWAY_AWAY: {
    title: { vi: 'Một máy chủ tiếp nhận không trả lời', en: 'A receiving gateway does not answer' },
    detail: {
      vi: 'Không đọc được các bản tin mà {gateways} đang giữ; chưa có gì bị mất. Hãy thử lại khi máy chủ này hoạt động trở lại.',
      en: 'What {gateways} holds can’t be read; nothing of it is lost. Retry when it is back.',
    },
  },
  STOPPING: {
    title: { vi: 'Hệ thống đang dừng', en: 'The platform is stopping' },
    detail: { vi: 'Hãy thử lại sau khi khởi động xong.', en: 'Retry when it is up again.' },
  },
  INTERNAL: {
    title: { vi: 'Lỗi ngoài dự kiến', en: 'An unexpected error' },
    detail: {
      vi: 'Lỗi đã được ghi lại với mã {trace}. Hãy báo quản trị viên nếu lặp lại.',
      en: 'It was logged as {trace}. Tell the administrator if it happens again.',
    },
  },
};

/** Words for refusals that are the contract's own, named where they are made (`refine` messages). */
export const REFUSAL_TEXTS: Readonly<Record<string, Localized>> = {
  ...NOTIFICATION_REFUSAL_TEXTS,
  'refusal.rangeReversed': { vi: 'Giá trị nhỏ nhất lớn hơn giá trị lớn nhất', en: 'The minimum is above the maximum' },
  'refusal.draftTooLong': { vi: 'Bản nháp quá dài', en: 'The draft is too long' },
  'refusal.jsonTooLarge': { vi: 'Nội dung quá lớn (tối đa 16 kB)', en: 'Too large (at most 16 kB)' },
  'refusal.rollout_STAGES': {
    vi: 'Các giai đoạn phải tăng dần và kết thúc ở 100 %',
    en: 'Stages rise, and the last is 100 %',
  },
  'refusal.rollout_SHARE': {
    vi: 'Tỷ lệ thành công phải trên 0, tỷ lệ lỗi phải dưới 1',
    en: 'The success share is above 0, the failure share below 1',
  },
  'refusal.rollout_MINIMUM': { vi: 'Cần ít nhất một lỗi để dừng', en: 'At least one failure is needed to halt' },
  'refusal.commandParameter': {
    vi: 'Tham số thiếu hoặc ngoài khoảng cho phép của lệnh này',
    en: 'The parameter is missing or outside what this command allows',
  },
  'refusal.spanTooLong': {
    vi: 'Khoảng thời gian quá dài (tối đa 400 ngày)',
    en: 'The span is too long (at most 400 days)',
  },
  'refusal.sweepNotPossible': {
    vi: 'Chỉ thử nhiều ngưỡng được với điều kiện trên ngưỡng, dưới ngưỡng hoặc tốc độ thay đổi',
    en: 'Limits can be tried only for conditions above, below or of a rate of change',
  },
  'refusal.tenYears': {
    vi: 'Khoảng thời gian quá dài (tối đa mười năm)',
    en: 'The span is too long (at most ten years)',
  },
  'refusal.nothingSelected': {
    vi: 'Không có chuỗi số đo nào khớp với lựa chọn',
    en: 'There is no series in the selection',
  },
  'refusal.symbolTwice': { vi: 'Mỗi ký hiệu chỉ được dùng một lần', en: 'Each symbol may be there once' },
  'refusal.symbolUnmapped': {
    vi: 'Chỉ xuất được ký hiệu đã gắn với điểm đo',
    en: 'Only symbols that have a point can be written',
  },
  'refusal.spanReversed': { vi: 'Thời điểm đầu phải trước thời điểm cuối', en: 'The beginning must be before the end' },
  'refusal.roleAgency': {
    vi: 'Quản trị nền tảng không thuộc cơ quan nào; mọi vai trò khác thuộc một cơ quan',
    en: 'The platform administrator belongs to no agency; every other role to one',
  },
  'refusal.untilNeeded': {
    vi: 'Cần thời điểm kết thúc, trừ khi ngừng sử dụng',
    en: 'An end is needed, unless it is out of service',
  },
  'refusal.boxReversed': { vi: 'Khung bản đồ bị đảo ngược', en: 'The box is reversed' },
  'refusal.stepUnknown': {
    vi: 'Bước phải là khoảng thời gian ISO 8601 (PT1M, PT1H, P1D, P1W) hoặc số mili giây',
    en: 'The step must be an ISO 8601 duration (PT1M, PT1H, P1D, P1W) or milliseconds',
  },
  'refusal.dateUnknown': { vi: 'Ngày phải có dạng NNNN-TT-NN và có thật', en: 'The date must be a day as YYYY-MM-DD' },
  'refusal.presetNotUsable': {
    vi: 'Mẫu này cần cách tính mà quy tắc chưa có, nên chưa dùng được',
    en: 'Rules can’t judge in the way this preset needs yet',
  },
  'refusal.levelsUnconfirmed': {
    vi: 'Mẫu này chỉ có các mức chưa đối chiếu văn bản: xác nhận ít nhất một mức',
    en: 'All levels of this preset wait to be compared with their document: confirm at least one',
  },
  'refusal.seriesNeeded': {
    vi: 'Cần chuỗi, điểm đo hoặc đại lượng',
    en: 'Series, a point or a quantity is needed',
  },
  'refusal.quantityUnknown': { vi: 'Đại lượng không có trong danh mục', en: 'The quantity is not in the catalogue' },
  'refusal.quantityComputed': {
    vi: 'Đại lượng này do nền tảng tính từ các đại lượng khác; thiết bị không gửi',
    en: 'The platform works this quantity out from others; no device sends it',
  },
  'refusal.unitNotConvertible': {
    vi: 'Không quy đổi được đơn vị này sang đơn vị của đại lượng',
    en: 'This unit can’t be converted into the quantity’s own',
  },
  'refusal.formatUnknown': { vi: 'Định dạng không được hỗ trợ', en: 'The payload format is not supported' },
  'refusal.untilTooFar': {
    vi: 'Không được tạm hoãn lâu như vậy',
    en: 'Nothing may be shelved for so long',
  },
  'refusal.viewWord': { vi: 'Có từ không thuộc chế độ xem này', en: 'A word is not one that this view knows' },
  'refusal.untilPast': { vi: 'Thời điểm kết thúc đã qua', en: 'The end is already past' },
  'refusal.inFuture': { vi: 'Thời điểm ở tương lai', en: 'The moment is in the future' },
  'refusal.tooFarOn': { vi: 'Thời điểm quá xa', en: 'The moment is too far on' },
  'refusal.agencyNeeded': {
    vi: 'Hãy chọn cơ quan: bạn có quyền ở nhiều cơ quan',
    en: 'Choose an agency: you have the right in several',
  },
  'refusal.topicFilter': {
    vi: 'Bộ lọc chủ đề phải bắt đầu bằng "hd/v1/", "application/", "v3/" hoặc "spBv1.0/" và hợp lệ theo MQTT',
    en: 'A topic filter must begin with "hd/v1/", "application/", "v3/" or "spBv1.0/" and be valid in MQTT',
  },
};

/** `{name}` replaced by the parameter of that name; unknown names stay as they are. */
export function fill(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The words of a refusal, or the message itself when it is not one of ours. */
export const refusalText = (message: string, language: Language): string =>
  REFUSAL_TEXTS[message]?.[language] ?? message;
