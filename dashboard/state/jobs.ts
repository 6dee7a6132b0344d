import type { DeviceState } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';

/** In the order of a day: what hangs and waits for a signature, what is in the van, what is broken, what comes back. */
export const JOB_KINDS = ['sign', 'install', 'maintain', 'fetch'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** What is to be done with a device in this state; `null` when nothing is. */
export function jobOf(state: DeviceState, servesPoint: boolean): JobKind | null {
  switch (state) {
    case 'installed':
      return 'sign';
    case 'claimed':
      return 'install';
    case 'in_maintenance':
      // Out of service and at no point any more: it hangs there for nothing.
      return servesPoint ? 'maintain' : 'fetch';
    case 'in_stock':
    case 'commissioned':
    case 'retired':
      return null;
  }
}

/** The jobs by kind, each in the order given. */
export function jobsIn<D extends { readonly id: DeviceId; readonly state: DeviceState }>(
  devices: readonly D[],
  servesPoint: (id: DeviceId) => boolean,
): Readonly<Record<JobKind, readonly D[]>> {
  const jobs: Record<JobKind, D[]> = { sign: [], install: [], maintain: [], fetch: [] };
  for (const device of devices) {
    const kind = jobOf(device.state, servesPoint(device.id));
    if (kind !== null) jobs[kind].push(device);
  }
  return jobs;
}
