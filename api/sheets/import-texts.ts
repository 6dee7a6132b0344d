import type { ImportProblem } from '../../domain/device-import.ts';
import type { Localized } from '../../domain/localized.ts';

/** What is wrong with a row of a sheet, in words; filled with the problem's parameters. */
export const IMPORT_PROBLEM_TEXTS: Readonly<Record<ImportProblem['code'], Localized>> = {
  ID_MISSING: { vi: 'Thiếu mã thiết bị', en: 'The device id is missing' },
  ID_INVALID: {
    vi: 'Mã thiết bị gồm 3–64 ký tự a–z, 0–9, "_", "-" và bắt đầu bằng chữ hoặc số',
    en: 'A device id has 3 to 64 characters a–z, 0–9, "_", "-" and begins with a letter or digit',
  },
  ID_REPEATED: { vi: 'Mã thiết bị đã có ở dòng {line}', en: 'The id stands on line {line} already' },
  ID_TAKEN: { vi: 'Mã "{id}" đã được cơ quan khác dùng', en: 'The id "{id}" is used by another agency' },
  AGENCY_DIFFERS: {
    vi: 'Lần nhập này chỉ dành cho cơ quan "{agency}"',
    en: 'This import is for agency "{agency}" alone',
  },
  MODEL_MISSING: { vi: 'Thiếu loại thiết bị', en: 'The device model is missing' },
  MODEL_UNKNOWN: { vi: 'Không có loại thiết bị "{model}"', en: 'There is no device model "{model}"' },
  MODEL_WITHDRAWN: {
    vi: 'Loại thiết bị "{model}" đã ngừng nhận thiết bị mới',
    en: 'Device model "{model}" takes no new devices any more',
  },
  SERIAL_TOO_LONG: { vi: 'Số sê-ri dài quá {limit} ký tự', en: 'The serial number is longer than {limit} characters' },
  STATE_UNKNOWN: {
    vi: 'Không có trạng thái "{state}"; dùng: {states}',
    en: 'There is no state "{state}"; use: {states}',
  },
  STATE_NOT_FOR_NEW: {
    vi: 'Thiết bị mới không thể ở trạng thái "{state}"; dùng: {states}',
    en: 'A new device can’t be "{state}"; use: {states}',
  },
  POINT_UNKNOWN: { vi: 'Cơ quan không có điểm đo "{point}"', en: 'The agency has no point "{point}"' },
  POINT_MISSING: { vi: 'Thiết bị đã lắp đặt cần điểm đo', en: 'An installed device needs a point' },
  POINT_NOT_FOR_STATE: {
    vi: 'Trạng thái "{state}" không đi cùng điểm đo',
    en: 'A device that is "{state}" serves no point',
  },
  POINT_NOT_MEASURED: {
    vi: 'Loại thiết bị này không đo đại lượng nào của điểm "{point}"',
    en: 'This model measures nothing of point "{point}"',
  },
  POINT_SERVED: {
    vi: 'Điểm đo "{point}" đang có thiết bị khác phục vụ',
    en: 'Another device serves point "{point}" already',
  },
  POINT_REPEATED: {
    vi: 'Điểm đo "{point}" đã được gán ở dòng {line}',
    en: 'Point "{point}" is given to the device on line {line}',
  },
  DIFFERS: {
    vi: 'Thiết bị đã có với giá trị khác: hiện là "{is}", trong tệp là "{row}". Nhập tệp không sửa thiết bị đã có',
    en: 'The device exists and differs: it is "{is}", the sheet says "{row}". An import edits nothing',
  },
};
