import type { Localized } from '../domain/localized.ts';
import type { WindowRefusal } from '../domain/suppression-window.ts';

/** Refusals of maintenance and out of service; part of `PROBLEM_TEXTS`. */
export const SUPPRESSION_PROBLEM_TEXTS = {
  WINDOW_NEEDS_END: {
    title: { vi: 'Cần thời điểm kết thúc', en: 'An end is needed' },
    detail: {
      vi: 'Bảo trì phải có thời điểm kết thúc; có thể gia hạn sau. Chỉ "ngừng sử dụng" được để ngỏ.',
      en: 'Maintenance has an end, which can be moved later. Only "out of service" may be left open.',
    },
  },
  WINDOW_END_PAST: {
    title: { vi: 'Thời điểm kết thúc không hợp lệ', en: 'The end is not possible' },
    detail: {
      vi: 'Thời điểm kết thúc phải ở sau lúc bắt đầu và sau hiện tại.',
      en: 'The end must come after the beginning, and after now.',
    },
  },
  WINDOW_OVER: {
    title: { vi: 'Đã kết thúc', en: 'It is over' },
    detail: {
      vi: 'Khoảng này đã kết thúc. Hãy tạo khoảng mới nếu còn cần.',
      en: 'This has ended. Start another one if it is still needed.',
    },
  },
  WINDOW_OF_DEVICE: {
    title: { vi: 'Đi cùng trạng thái của thiết bị', en: 'It goes with the state of the device' },
    detail: {
      vi: 'Thiết bị đang bảo trì. Hãy đưa thiết bị trở lại hoạt động trên trang thiết bị; cảnh báo sẽ tự hiện lại.',
      en: 'The device is in maintenance. Put it back into service on its page; its alarms then show again.',
    },
  },
} as const satisfies Record<WindowRefusal, { readonly title: Localized; readonly detail: Localized }>;
