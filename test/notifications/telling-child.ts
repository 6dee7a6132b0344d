/**
 * A process that raises alarms one after the other and tells a webhook of each, to be killed by a test: node … {folder} {webhook's address} {alarms}. It says every
 * alarm that is committed; given no alarms it only tells what is left.
 */
import type { Webhook, WebhookId } from '../../domain/notifications/notification.ts';
import { epochMs, milliseconds } from '../../domain/time.ts';
import { ENV, openToldCity, SYSTEM } from './told-city.ts';

const [folder = '', url = '', alarms = '0'] = process.argv.slice(2);
const city = await openToldCity({
  path: folder,
  clock: () => epochMs(Date.now()),
  settings: {
    grouping: { gather: milliseconds(40), update: milliseconds(40), follow: milliseconds(1_000) },
    sendingsAtOnce: 4,
  },
});
const { webhooks } = city.registry.as(SYSTEM).notifications;
const webhook: Omit<Webhook, 'version'> = {
  id: 'w' as WebhookId,
  agencyId: ENV,
  name: 'w',
  enabled: true,
  template: 'hai-dang',
  fields: { url },
  interest: {},
  grouping: 'domain',
  language: 'vi',
  tellsCleared: false,
  messagesPerHour: 100_000,
};
if ((await webhooks.list()).length === 0) await webhooks.create(webhook, { signing: [], fields: {} });
await city.notifier.start();
// An alarm's id is made from the moment at which it begins: every run raises others.
for (let i = 0; i < Number(alarms); i++) {
  const { id } = await city.raise(i % 40, 'major', i % 80 < 40 ? 'r-1' : 'r-2');
  process.stdout.write(`${id}\n`);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
process.stdout.write('done\n');
