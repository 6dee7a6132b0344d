import { z } from 'zod';

const positive = z.coerce.number().positive();
const count = z.coerce.number().int().positive();

/** Settings of telling people outside: a section of the platform's settings. */
export const NotificationSettings = z
  .strictObject({
    smtpHost: z.string().optional().describe('Mail server; absent: no mail is sent'),
    smtpPort: z.coerce.number().int().min(1).max(65_535).default(587).describe('Its port'),
    smtpSecurity: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'starttls: encrypted after a greeting, or nothing is sent (587); tls: from the first byte (465); none: in the clear, for a relay on this machine',
      ),
    smtpUser: z.string().optional().describe('User, when the mail server asks for one'),
    smtpPassword: z
      .string()
      .optional()
      .describe('Its password; better in a file, named by HD_NOTIFICATIONS_SMTP_PASSWORD_FILE'),
    smtpCaFile: z
      .string()
      .optional()
      .describe("PEM file of the authority that signed the mail server's certificate, when the system doesn't know it"),
    mailFrom: z
      .string()
      .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'an address, e.g. Hải Đăng <canhbao@example.vn>')
      .optional()
      .describe('Sender of mail; needed with smtpHost'),
    contact: z
      .string()
      .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, 'mailto:… or https://…')
      .optional()
      .describe('Where people of push services can reach yours; absent: the sender of mail, else http.publicUrl'),
    allowedTargets: z
      .string()
      .default('')
      .describe(
        'Internal addresses and ranges that webhooks and push may reach, with commas between: 10.1.2.0/24, fd00::7. Without: none',
      ),
    timeoutSeconds: positive.default(15).describe('A sending that takes longer has failed, and is repeated later'),
    gatherSeconds: positive
      .default(20)
      .describe('Alarms are gathered this long into one message; critical ones a quarter of it'),
    updateSeconds: positive
      .default(300)
      .describe('Between two messages of one storm at least this long, unless it becomes worse'),
    followSeconds: positive.default(1800).describe('A storm without news for this long is over'),
    messagesPerHour: count
      .default(30)
      .describe('A person is told so often in an hour, of critical alarms double; what is more comes as a summary'),
    sendingsAtOnce: count.default(8).describe('Messages that are sent at once'),
    retentionDays: positive.default(365).describe('The log of messages is kept this long'),
  })
  .prefault({})
  .describe('Telling people outside: mail, phones, webhooks');
