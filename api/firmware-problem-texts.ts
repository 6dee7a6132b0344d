import type { Localized } from '../domain/localized.ts';

/** Problems with firmware and its rollouts; part of `PROBLEM_TEXTS`. */
export const FIRMWARE_PROBLEM_TEXTS = {
  FIRMWARE_KEY_INVALID: {
    title: { vi: 'Không phải khóa công khai Ed25519', en: 'That is no Ed25519 public key' },
    detail: {
      vi: 'Hãy gửi khóa dạng PEM ("BEGIN PUBLIC KEY") hoặc 32 byte mã hóa base64. Không bao giờ gửi khóa bí mật.',
      en: 'Send it as PEM ("BEGIN PUBLIC KEY") or its 32 bytes in base64. Never send a private key.',
    },
  },
  FIRMWARE_NO_KEY: {
    title: { vi: 'Chưa có khóa ký cho loại thiết bị này', en: 'No key is registered that may sign for this model' },
    detail: {
      vi: 'Quản trị viên cơ quan cần đăng ký khóa công khai của nhà sản xuất cho loại {model}, hoặc cho mọi loại.',
      en: 'The agency’s administrator registers the maker’s public key for model {model}, or for all models.',
    },
  },
  FIRMWARE_SIGNATURE_INVALID: {
    title: { vi: 'Chữ ký không đúng', en: 'The signature does not fit' },
    detail: {
      vi: 'Không khóa nào đã đăng ký xác nhận chữ ký này cho loại {model}, phiên bản {version}, {sizeBytes} byte, SHA-256 {sha256}. Kiểm tra tệp, phiên bản, loại thiết bị và khóa.',
      en: 'No registered key made it for model {model}, version {version}, {sizeBytes} bytes, SHA-256 {sha256}. Check file, version, model and key.',
    },
  },
  FIRMWARE_EMPTY: {
    title: { vi: 'Tệp phần mềm trống hoặc tải lên dở dang', en: 'The image is empty or was cut short' },
    detail: { vi: 'Hãy tải lại toàn bộ tệp.', en: 'Send the whole file again.' },
  },
  FIRMWARE_DISK_FULL: {
    title: { vi: 'Hết chỗ cho tệp phần mềm', en: 'There is no room for more images' },
    detail: {
      vi: 'Tổng dung lượng tối đa {limitBytes} byte. Hãy thu hồi phiên bản cũ hoặc tăng firmware.capacityBytes.',
      en: 'All images together may have {limitBytes} bytes. Withdraw old ones, or raise firmware.capacityBytes.',
    },
  },
  FIRMWARE_WITHDRAWN: {
    title: { vi: 'Phiên bản này không được phát hành nữa', en: 'This version is not given out any more' },
    detail: {
      vi: 'Phiên bản {version} đã bị thu hồi, hoặc khóa ký đã bị hủy.',
      en: 'Version {version} was withdrawn, or the key that signed it was revoked.',
    },
  },
  FIRMWARE_NO_DEVICES: {
    title: { vi: 'Không có thiết bị nào để cập nhật', en: 'There is no device to update' },
    detail: {
      vi: 'Cơ quan không có thiết bị loại {id} ở hiện trường.',
      en: 'The agency has no device of model {id} in the field.',
    },
  },
  ROLLOUT_OPEN: {
    title: { vi: 'Đang có đợt cập nhật khác cho loại thiết bị này', en: 'Another rollout of this model is open' },
    detail: {
      vi: 'Hãy chờ đợt đó xong hoặc hủy đợt đó trước.',
      en: 'Wait until it is done, or cancel it first.',
    },
  },
  ROLLOUT_STEP_NOT_ALLOWED: {
    title: {
      vi: 'Đợt cập nhật không ở trạng thái cho phép bước này',
      en: 'The rollout is not in a state for this step',
    },
    detail: { vi: 'Trạng thái hiện tại: {state}.', en: 'It is {state} now.' },
  },
} as const satisfies Record<string, { readonly title: Localized; readonly detail: Localized }>;
