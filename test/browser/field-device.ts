/** A device in a box, as an installer finds it: registered, labelled, and alive as soon as it has power. */
import { connectAsync } from 'mqtt';
import type { Browser, BrowserContext } from 'playwright-core';
import encodeQR from 'qr';
import type { ApiRoute, RouteAnswer, RouteBodyInput } from '../../api/contract/routes.ts';

/** As the demo's accounts have it. */
const DEMO_PASSWORD = 'hai-dang-demo';
/** A running demo and a browser. */
export interface Street {
  readonly url: string;
  readonly mqttPort: number;
  readonly browser: Browser;
}

/** Calls of somebody who sits at a desk, over the same API. */
export async function atDesk(room: Omit<Street, 'mqttPort'>, loginName: string) {
  const context: BrowserContext = await room.browser.newContext();
  const headers: Record<string, string> = { origin: room.url };
  const signedIn = await context.request.post(`${room.url}/api/v1/session`, {
    headers,
    data: { loginName, password: DEMO_PASSWORD },
  });
  headers['x-csrf-token'] = ((await signedIn.json()) as { csrfToken: string }).csrfToken;
  return {
    async call<K extends ApiRoute>(
      key: K,
      {
        params = {},
        body,
        version,
      }: { params?: Readonly<Record<string, string>>; body?: RouteBodyInput<K>; version?: number } = {},
    ): Promise<RouteAnswer<K>> {
      const [method, template] = key.split(' ') as [string, string];
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
      const answer = await context.request.fetch(`${room.url}/api/v1${path}`, {
        method,
        headers: version === undefined ? headers : { ...headers, 'if-match': `"${version}"` },
        ...(body === undefined ? {} : { data: body }),
      });
      if (!answer.ok()) throw new Error(`${key}: ${answer.status()} ${await answer.text()}`);
      return (answer.status() === 204 ? undefined : await answer.json()) as RouteAnswer<K>;
    },
    close: () => context.close(),
  };
}
export type Desk = Awaited<ReturnType<typeof atDesk>>;

/** The label's QR code as a picture, as a phone would take it. */
export const labelPicture = (link: string) => ({
  name: 'label.gif',
  mimeType: 'image/gif',
  buffer: Buffer.from(encodeQR(link, 'gif', { scale: 8, border: 4 })),
});

/** The hardware with power: connected, reporting each second by MQTT and doing what it is told, until it is switched off. */
export async function switchOn(
  room: Pick<Street, 'mqttPort'>,
  deviceId: string,
  token: string,
  values: () => Readonly<Record<string, number>>,
) {
  const client = await connectAsync(`mqtt://127.0.0.1:${room.mqttPort}`, {
    clientId: deviceId,
    username: deviceId,
    password: token,
    protocolVersion: 4,
  });
  await client.publishAsync(
    `hd/v1/${deviceId}/attributes`,
    JSON.stringify({ firmware: '1.4.2', rssi_dbm: -74, battery_percent: 97 }),
    { qos: 1 },
  );
  client.on('message', (topic, payload) => {
    if (topic.endsWith('/config')) {
      const { version } = JSON.parse(payload.toString()) as { version: number };
      void client.publishAsync(`${topic}/ack`, JSON.stringify({ version, ok: true }), { qos: 1 });
      return;
    }
    const { id, name } = JSON.parse(payload.toString()) as { id: string; name: string };
    void client.publishAsync(`${topic}/ack`, JSON.stringify({ id, ok: true, result: { did: name } }), { qos: 1 });
  });
  await client.subscribeAsync([`hd/v1/${deviceId}/cmd/+`, `hd/v1/${deviceId}/config`], { qos: 1 });
  const report = () =>
    void client
      .publishAsync(`hd/v1/${deviceId}/telemetry`, JSON.stringify({ ts: Date.now(), values: values() }), { qos: 1 })
      .catch(() => {});
  report();
  const timer = setInterval(report, 1_000);
  return async () => {
    clearInterval(timer);
    await client.endAsync(true);
  };
}
