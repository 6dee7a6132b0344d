import type { TemplateField, WebhookTemplate } from './template.ts';

const URL_FIELD: TemplateField = {
  key: 'url',
  secret: false,
  label: { vi: 'Địa chỉ nhận', en: 'Address' },
  example: 'https://example.vn/hai-dang',
};

const native: WebhookTemplate = {
  key: 'hai-dang',
  name: { vi: 'Webhook có chữ ký', en: 'Signed webhook' },
  help: {
    vi: 'Gửi JSON đầy đủ của từng cảnh báo, ký bằng HMAC-SHA256 theo chuẩn Standard Webhooks.',
    en: 'Sends JSON with every fact of every alarm, signed with HMAC-SHA256 the Standard Webhooks way.',
  },
  url: '{{url}}',
  fields: [URL_FIELD],
  headers: {},
  body: null,
  signed: true,
  textLimit: 100_000,
  acceptedWhen: null,
};

/** Slack, Mattermost and Rocket.Chat take `{"text"}` at an incoming webhook's address, which is the secret itself. */
const chat: WebhookTemplate = {
  key: 'chat',
  name: { vi: 'Nhóm trò chuyện (Slack, Mattermost)', en: 'Chat room (Slack, Mattermost)' },
  help: {
    vi: 'Dán địa chỉ “incoming webhook” của nhóm; địa chỉ này là bí mật.',
    en: 'Paste the address of the room’s incoming webhook; the address is a secret.',
  },
  url: '{{url}}',
  fields: [{ ...URL_FIELD, secret: true, example: 'https://hooks.example.com/services/…' }],
  headers: {},
  body: { text: '{{text}}' },
  signed: false,
  textLimit: 3_500,
  acceptedWhen: null,
};

/** Bot API, method sendMessage: text of 1–4096 characters (https://core.telegram.org/bots/api#sendmessage). */
const telegram: WebhookTemplate = {
  key: 'telegram',
  name: { vi: 'Telegram', en: 'Telegram' },
  help: {
    vi: 'Tạo bot với @BotFather, thêm bot vào nhóm, lấy mã nhóm (chat_id).',
    en: 'Make a bot with @BotFather, add it to the group, and take the group’s chat_id.',
  },
  url: 'https://api.telegram.org/bot{{token}}/sendMessage',
  fields: [
    { key: 'token', secret: true, label: { vi: 'Mã của bot', en: 'Bot token' }, example: '123456:ABC…' },
    { key: 'chat', secret: false, label: { vi: 'Mã nhóm (chat_id)', en: 'Chat id' }, example: '-1001234567890' },
  ],
  headers: {},
  body: { chat_id: '{{chat}}', text: '{{text}}', link_preview_options: { is_disabled: true } },
  signed: false,
  textLimit: 4_000,
  acceptedWhen: { member: 'ok', is: true },
};

/**
 * Zalo Official Account, customer-service message (https://developers.zalo.me/docs/official-account): answers 200 to everything and says in `error` whether
 * the message was taken. Access tokens live 25 hours: whoever runs the account renews them here.
 */
const zalo: WebhookTemplate = {
  key: 'zalo-oa',
  name: { vi: 'Zalo Official Account', en: 'Zalo Official Account' },
  help: {
    vi: 'Gửi tin cho một người đã quan tâm OA. Access token của Zalo hết hạn sau 25 giờ, cần thay định kỳ.',
    en: 'Sends to one follower of the account. Zalo’s access tokens expire after 25 hours and must be renewed.',
  },
  url: 'https://openapi.zalo.me/v3.0/oa/message/cs',
  fields: [
    { key: 'token', secret: true, label: { vi: 'Access token', en: 'Access token' }, example: '…' },
    {
      key: 'user',
      secret: false,
      label: { vi: 'Mã người nhận (user_id)', en: 'User id' },
      example: '186729651760683225',
    },
  ],
  headers: { access_token: '{{token}}' },
  body: { recipient: { user_id: '{{user}}' }, message: { text: '{{text}}' } },
  signed: false,
  textLimit: 1_900,
  acceptedWhen: { member: 'error', is: 0 },
};

/** Webhooks that come with the platform, by key. */
export const WEBHOOK_TEMPLATES: ReadonlyMap<string, WebhookTemplate> = new Map(
  [native, chat, telegram, zalo].map((template) => [template.key, template]),
);
