import type { Localized } from '../../domain/localized.ts';

/** Words for refused wishes, policies and webhooks. */
export const NOTIFICATION_REFUSAL_TEXTS = {
  'refusal.quietHours': {
    vi: 'Giờ yên tĩnh cần có giờ đầu, giờ cuối khác nhau và ít nhất một ngày',
    en: 'Quiet hours need a beginning, another end, and at least one day',
  },
  'refusal.timeZone': { vi: 'Không có múi giờ này', en: 'There is no such time zone' },
  'refusal.policy_STEPS_COUNT': { vi: 'Cần từ 1 đến 10 bước', en: 'One to ten steps are needed' },
  'refusal.policy_STEPS_OUT_OF_ORDER': {
    vi: 'Bước sau không được sớm hơn bước trước',
    en: 'A step may not come before the one above it',
  },
  'refusal.policy_STEP_TELLS_NOBODY': { vi: 'Mỗi bước cần báo cho ai đó', en: 'Every step must tell somebody' },
  'refusal.policy_STEP_HAS_NO_CHANNEL': {
    vi: 'Hãy chọn email hoặc thông báo đẩy',
    en: 'Choose mail or push for the people of the step',
  },
  'refusal.policy_REPEAT': {
    vi: 'Nhắc lại cách nhau ít nhất 1 phút, từ 1 đến 100 lần',
    en: 'Repetitions are at least a minute apart, 1 to 100 of them',
  },
  'refusal.templateUnknown': { vi: 'Không có mẫu webhook này', en: 'There is no such template' },
  'refusal.fieldNeeded': { vi: 'Cần điền mục này', en: 'This must be filled in' },
  'refusal.fieldUnknown': { vi: 'Mẫu không có mục này', en: 'The template has no such field' },
  'refusal.urlInvalid': {
    vi: 'Cần địa chỉ https://… (không kèm mật khẩu)',
    en: 'An https://… address is needed, without a password',
  },
  'refusal.noEmail': { vi: 'Chưa có địa chỉ email', en: 'There is no mail address yet' },
} as const satisfies Readonly<Record<string, Localized>>;
