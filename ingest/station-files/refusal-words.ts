import type { Localized } from '../../domain/localized.ts';
import type { FileRefusal } from '../../domain/ports/station-files.ts';

/** Why a file was refused, for the note that is put beside it: whoever looks after the folder may never see the dashboard. */
export const FILE_REFUSAL_WORDS: Readonly<Record<FileRefusal, Localized>> = {
  EXTENSION: { vi: 'Tên tệp phải kết thúc bằng .txt.', en: 'The file name must end in .txt.' },
  NAME_PARTS: {
    vi: 'Tên tệp phải có dạng Tỉnh_Cơ sở_Trạm_Thời gian.txt.',
    en: 'The file name must be Province_Facility_Station_Time.txt.',
  },
  NAME_TIME: {
    vi: 'Thời gian trong tên tệp phải có dạng yyyyMMddHHmmss.',
    en: 'The time in the file name must be yyyyMMddHHmmss.',
  },
  STATION_UNKNOWN: {
    vi: 'Mã trạm chưa được khai báo trong hệ thống.',
    en: 'No station of this code is registered.',
  },
  FILE_TOO_LARGE: { vi: 'Tệp lớn hơn mức cho phép.', en: 'The file is larger than allowed.' },
  FILE_UNREADABLE: { vi: 'Không đọc được tệp.', en: 'The file cannot be read.' },
  NOTHING_USABLE: {
    vi: 'Không dùng được dòng nào; nội dung đã được giữ lại kèm lý do.',
    en: 'No line of it can be used; its content is in quarantine with the reasons.',
  },
};
