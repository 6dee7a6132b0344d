import type { AlarmActivation } from '../alarm-health.ts';
import type { AgencyId, AlarmId } from '../identifiers.ts';
import type { EpochMs } from '../time.ts';
import type { Page, PageRequest } from './registry.ts';

export interface KeptActivation extends AlarmActivation {
  readonly alarmId: AlarmId;
}

/** Activations of live alarms that were shown when they began, of agencies that may be read whole: what is shared by a grant is its owner's to judge. */
export interface AlarmHealthView {
  /** Event time in [from, to), ascending. */
  activations(
    span: { readonly from: EpochMs; readonly to: EpochMs; readonly agencyId?: AgencyId },
    page: PageRequest,
  ): Promise<Page<KeptActivation>>;
  /** Began before `to`, active for longer than `standing alarms` need, and at some moment after `from`; ascending by event time. */
  standing(
    span: { readonly from: EpochMs; readonly to: EpochMs; readonly agencyId?: AgencyId },
    page: PageRequest,
  ): Promise<Page<KeptActivation>>;
}
