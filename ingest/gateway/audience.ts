import type { ClassicLevel } from 'classic-level';

/** Keys of kept subscriptions are `subscriptions:{client id, URI encoded}:{filter}`. */
const SUBSCRIPTION_KEY = /^subscriptions:[^:]*:(.*)$/s;

/** Who may be subscribed to devices' telemetry. Nearly all of it is heard by nobody, and need not go through the broker's queues and matchers. */
export interface Audience {
  /** A subscription has been granted. It counts for as long as the process runs. */
  joined(filter: string): void;
  /** False: nobody is subscribed to the device's telemetry topic. */
  mayHear(device: string): boolean;
}

/** With the subscriptions of the sessions kept in `level`, whether their devices are here or not. */
export async function openAudience(level: ClassicLevel): Promise<Audience> {
  const devices = new Set<string>();
  let everywhere = false;
  const joined = (filter: string): void => {
    const [root, version, device, kind] = filter.split('/');
    if (root === '#' || version === '#' || device === '#' || device === '+') everywhere = true;
    else if (device !== undefined && (kind === 'telemetry' || kind === '+' || kind === '#')) devices.add(device);
  };
  for await (const key of level.keys({ gte: 'subscriptions:', lt: 'subscriptions;' })) {
    const filter = SUBSCRIPTION_KEY.exec(key)?.[1];
    if (filter !== undefined) joined(filter);
  }
  return { joined, mayHear: (device) => everywhere || devices.has(device) };
}
