import type { Localized } from '../domain/localized.ts';

interface ProblemText {
  readonly title: Localized;
  readonly detail: Localized;
}

/** Problems in the life of devices and on their ways in; part of `PROBLEM_TEXTS`. */
export const DEVICE_PROBLEM_TEXTS = {
  STEP_NOT_ALLOWED: {
    title: { vi: 'Thiết bị không ở trạng thái cho phép bước này', en: 'The device is not in a state for this step' },
    detail: {
      vi: 'Trạng thái hiện tại: {state}. Hãy xem các bước có thể làm.',
      en: 'It is {state} now. Look at the steps that are possible.',
    },
  },
  STEP_NEEDS_POINT: {
    title: { vi: 'Thiết bị chưa phục vụ điểm đo nào', en: 'The device serves no point yet' },
    detail: { vi: 'Hãy gán thiết bị cho một điểm đo trước.', en: 'Let it serve a point first.' },
  },
  STEP_NEEDS_NO_POINT: {
    title: { vi: 'Thiết bị còn phục vụ điểm đo', en: 'The device still serves a point' },
    detail: { vi: 'Hãy kết thúc việc phục vụ trước.', en: 'End its serving first.' },
  },
  STEP_NEEDS_REASON: {
    title: { vi: 'Cần nêu lý do', en: 'A reason is needed' },
    detail: {
      vi: 'Hãy ghi lý do; lý do được lưu trong nhật ký thiết bị.',
      en: 'Say why; it is kept in the device’s life.',
    },
  },
  SWAP_SAME_DEVICE: {
    title: { vi: 'Không thể thay thiết bị bằng chính nó', en: 'A device can’t replace itself' },
    detail: { vi: 'Hãy chọn thiết bị khác.', en: 'Choose another device.' },
  },
  SWAP_OLD_STATE: {
    title: { vi: 'Thiết bị cũ không ở hiện trường', en: 'The old device is not in the field' },
    detail: {
      vi: 'Chỉ thay thiết bị đã lắp đặt, đang vận hành hoặc đang bảo trì.',
      en: 'Only an installed or commissioned device, or one in maintenance, can be replaced.',
    },
  },
  SWAP_OLD_SERVES_NOTHING: {
    title: { vi: 'Thiết bị cũ không phục vụ điểm đo nào', en: 'The old device serves no point' },
    detail: { vi: 'Không có điểm đo để chuyển giao.', en: 'There is no point to hand over.' },
  },
  SWAP_NEW_STATE: {
    title: { vi: 'Thiết bị mới chưa sẵn sàng', en: 'The new device is not at hand' },
    detail: {
      vi: 'Thiết bị mới phải đã được nhận hoặc đang bảo trì.',
      en: 'The new device must be claimed, or in maintenance.',
    },
  },
  SWAP_NEW_SERVES: {
    title: { vi: 'Thiết bị mới đang phục vụ điểm đo khác', en: 'The new device serves another point' },
    detail: { vi: 'Hãy chọn thiết bị còn rảnh.', en: 'Choose one that is free.' },
  },
  SWAP_OTHER_AGENCY: {
    title: { vi: 'Hai thiết bị thuộc hai cơ quan', en: 'The devices belong to two agencies' },
    detail: { vi: 'Hãy dùng thiết bị của cùng cơ quan.', en: 'Use a device of the same agency.' },
  },
  SWAP_LACKS_QUANTITY: {
    title: { vi: 'Thiết bị mới không đo đủ đại lượng', en: 'The new device does not measure everything' },
    detail: { vi: 'Còn thiếu: {quantities}.', en: 'It lacks: {quantities}.' },
  },
  CLAIM_REFUSED: {
    title: { vi: 'Mã nhận thiết bị không đúng', en: 'The claim code is not right' },
    detail: {
      vi: 'Hãy quét lại nhãn hoặc kiểm tra mã đã nhập.',
      en: 'Scan the label again, or check what was typed.',
    },
  },
  CLAIM_USED: {
    title: { vi: 'Thiết bị đã được nhận bằng mã này', en: 'The device was claimed with this code already' },
    detail: {
      vi: 'Mã trên nhãn chỉ dùng được một lần. Hãy hỏi người quản lý thiết bị.',
      en: 'A label’s code works once. Ask who looks after the devices.',
    },
  },
  CLAIM_CLOSED: {
    title: { vi: 'Mã nhận thiết bị chưa mở hoặc đã hết hạn', en: 'The claim code is not open yet, or has expired' },
    detail: { vi: 'Hãy yêu cầu in nhãn mới.', en: 'Ask for a new label.' },
  },
  CLAIM_NOT_IN_STOCK: {
    title: { vi: 'Thiết bị không còn trong kho', en: 'The device is not in stock' },
    detail: {
      vi: 'Chỉ nhận được thiết bị đang ở trong kho: {id}.',
      en: 'Only a device in stock can be claimed: {id}.',
    },
  },
  CLAIM_MODEL_FOREIGN: {
    title: { vi: 'Cơ quan nhận chưa có loại thiết bị này', en: 'The claiming agency does not have this device model' },
    detail: {
      vi: 'Loại "{model}" chỉ dành cho cơ quan khác. Hãy nhờ quản trị hệ thống chia sẻ loại thiết bị.',
      en: 'Model "{model}" is another agency’s own. Ask the platform administrator to offer it to all.',
    },
  },
  MODEL_WITHDRAWN: {
    title: { vi: 'Loại thiết bị đã ngừng nhận thiết bị mới', en: 'The device model takes no new devices any more' },
    detail: {
      vi: 'Loại thiết bị "{model}" đã được rút. Hãy chọn loại khác; thiết bị đang dùng loại này vẫn hoạt động.',
      en: 'Model "{model}" has been withdrawn. Choose another; devices of this model that are there go on.',
    },
  },
  IMPORT_UNREADABLE: {
    title: { vi: 'Không đọc được tệp', en: 'The file can’t be read' },
    detail: { vi: 'Lý do: {reason}', en: 'Reason: {reason}' },
  },
  IMPORT_STALE: {
    title: { vi: 'Dữ liệu đã thay đổi sau khi xem trước', en: 'Something changed since the preview' },
    detail: {
      vi: '{lines} dòng sẽ có kết quả khác, đầu tiên là dòng {line}. Hãy tải tệp lên và xem trước lại.',
      en: '{lines} lines would go otherwise now, first line {line}. Upload the file and look at it again.',
    },
  },
  IMPORT_HAS_ERRORS: {
    title: { vi: 'Tệp còn dòng lỗi', en: 'The sheet has rows with errors' },
    detail: {
      vi: '{errors} dòng lỗi. Hãy sửa tệp, hoặc chọn bỏ qua các dòng lỗi.',
      en: '{errors} rows have errors. Mend the file, or choose to leave them out.',
    },
  },
  IMPORT_BUILT_UPON: {
    title: { vi: 'Không thể hoàn tác: thiết bị đã được sử dụng', en: 'It can’t be undone: its devices are in use' },
    detail: {
      vi: '{devices} thiết bị đã có thay đổi, ví dụ {device} ({code}).',
      en: '{devices} devices have moved on, e.g. {device} ({code}).',
    },
  },
  COMMISSION_NEEDS_SIGNATURE: {
    title: { vi: 'Nghiệm thu cần có biên bản ký', en: 'Commissioning needs a signed record' },
    detail: {
      vi: 'Hãy ký nghiệm thu sau khi kiểm tra: POST /devices/{id}/commissioning-records.',
      en: 'Sign after the checks: POST /devices/{id}/commissioning-records.',
    },
  },
  COMMISSION_CHECKS_OPEN: {
    title: { vi: 'Còn mục kiểm tra chưa đạt', en: 'Checks are still open' },
    detail: {
      vi: 'Chưa đạt: {checks}. Hãy chờ, khắc phục, hoặc ghi lý do cho từng mục.',
      en: 'Open: {checks}. Wait, mend what is wrong, or say for each why you sign all the same.',
    },
  },
  PHOTO_UNREADABLE: {
    title: { vi: 'Không phải ảnh dùng được', en: 'That is no picture we can use' },
    detail: {
      vi: 'Hãy gửi ảnh JPEG nguyên vẹn, mỗi cạnh tối đa {pixels} điểm ảnh.',
      en: 'Send a whole JPEG with sides of at most {pixels} pixels.',
    },
  },
  PHOTO_STORE_FULL: {
    title: { vi: 'Kho ảnh đã đầy', en: 'There is no room for more pictures' },
    detail: {
      vi: 'Kho ảnh đã dùng hết {capacityMegabytes} MB. Ảnh đã lưu vẫn còn; hãy báo quản trị nền tảng, rồi gửi lại ảnh này.',
      en: 'All {capacityMegabytes} MB of the picture store are used. What is kept stays; tell the platform administrator, then send this picture again.',
    },
  },
  PHOTOS_FULL: {
    title: { vi: 'Thiết bị đã có đủ ảnh', en: 'The device has all the pictures it may have' },
    detail: { vi: 'Mỗi thiết bị tối đa {limit} ảnh.', en: 'At most {limit} for one device.' },
  },
  COMMANDS_WAITING: {
    title: { vi: 'Thiết bị còn quá nhiều lệnh đang chờ', en: 'Too many commands wait for this device' },
    detail: {
      vi: 'Đã có {limit} lệnh chưa được trả lời. Hãy hủy bớt hoặc chờ thiết bị kết nối lại.',
      en: '{limit} commands are unanswered. Take some back, or wait until the device is connected again.',
    },
  },
  COMMAND_OVER: {
    title: { vi: 'Lệnh đã kết thúc', en: 'The command is over' },
    detail: {
      vi: 'Lệnh đã được trả lời, hết hạn hoặc đã hủy.',
      en: 'It was answered, has expired, or was taken back before.',
    },
  },
  CERTIFICATE_INVALID: {
    title: { vi: 'Chứng thư không dùng được', en: 'The certificate can’t be used' },
    detail: { vi: 'Lý do: {reason}', en: 'Reason: {reason}' },
  },
} as const satisfies Record<string, ProblemText>;
