import type { Localized } from '../domain/localized.ts';
import type { PlanRefusal } from '../domain/shift.ts';
import type { HandoverRefusal } from '../domain/shift-handover.ts';

/** Refusals of plans and handovers of shifts; part of `PROBLEM_TEXTS`. */
export const SHIFT_PROBLEM_TEXTS = {
  SHIFT_STARTS_ORDER: {
    title: { vi: 'Giờ bắt đầu các ca không hợp lệ', en: 'The times at which shifts begin are not possible' },
    detail: {
      vi: 'Cần từ 1 đến 6 giờ bắt đầu trong ngày, khác nhau và theo thứ tự.',
      en: 'Give one to six times of the day, all different and in order.',
    },
  },
  SHIFT_TOO_SHORT: {
    title: { vi: 'Ca trực quá ngắn', en: 'A shift is too short' },
    detail: { vi: 'Mỗi ca phải dài ít nhất 2 giờ.', en: 'A shift lasts two hours at the least.' },
  },
  HANDOVER_WAITING: {
    title: { vi: 'Biên bản trước chưa được ký nhận', en: 'The handover before is not received yet' },
    detail: {
      vi: 'Hãy ký nhận biên bản đang chờ, rồi ký giao ca.',
      en: 'Sign for the handover that waits, then hand over.',
    },
  },
  HANDOVER_MOVED_ON: {
    title: { vi: 'Ca đã được giao trong lúc đó', en: 'The shift was handed over in the meantime' },
    detail: {
      vi: 'Biên bản bạn xem không còn là mới nhất. Hãy xem lại rồi ký.',
      en: 'What you looked at is not the newest any more. Look again, then sign.',
    },
  },
  HANDOVER_OWN: {
    title: { vi: 'Không thể tự nhận ca của mình', en: 'Nobody takes over from themselves' },
    detail: {
      vi: 'Người giao và người nhận phải là hai người. Hãy để người của ca sau ký nhận.',
      en: 'Two people sign: let somebody of the next shift sign for it.',
    },
  },
  HANDOVER_RECEIVED: {
    title: { vi: 'Ca này đã được ký nhận', en: 'It has been signed for already' },
    detail: { vi: 'Biên bản chỉ được ký nhận một lần.', en: 'A handover is signed for once.' },
  },
  MAIL_NOT_SET_UP: {
    title: { vi: 'Chưa cấu hình gửi thư', en: 'Mail is not set up' },
    detail: {
      vi: 'Hệ thống chưa có máy chủ SMTP. Hãy in biên bản, hoặc nhờ quản trị viên cấu hình gửi thư.',
      en: 'The platform has no SMTP server. Print the record, or ask the administrator to set mail up.',
    },
  },
} as const satisfies Record<
  PlanRefusal | HandoverRefusal | 'MAIL_NOT_SET_UP',
  { readonly title: Localized; readonly detail: Localized }
>;
