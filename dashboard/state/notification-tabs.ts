export const NOTIFICATION_TABS = ['mine', 'sent', 'policies', 'webhooks', 'log'] as const;
