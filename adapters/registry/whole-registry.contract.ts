import type { Registry } from '../../domain/ports/registry.ts';
import { describeRegistryAccess } from './access.contract.ts';
import { describeAlarmWork } from './alarm-work.contract.ts';
import { describeAnsweredRequests } from './answered-requests.contract.ts';
import { describeCityPast } from './city-past.contract.ts';
import { describeCommissioning } from './commissioning.contract.ts';
import { describeDataExports } from './data-exports.contract.ts';
import { describeDeviceControl } from './device-control.contract.ts';
import { describeDeviceModels } from './device-models.contract.ts';
import { describeDeviceRegistry } from './devices.contract.ts';
import { describeDisplays } from './displays.contract.ts';
import { describeFirmware } from './firmware.contract.ts';
import { describeGateways } from './gateways.contract.ts';
import { describeIncidents } from './incidents.contract.ts';
import { describeIndexWork } from './index-work.contract.ts';
import { describeLeases } from './leases.contract.ts';
import { describeNotifications } from './notifications.contract.ts';
import { describeQualitySpans } from './quality-spans.contract.ts';
import { describeRegistry } from './registry.contract.ts';
import { describeRuleDrafts } from './rule-drafts.contract.ts';
import { describeSavedViews } from './saved-views.contract.ts';
import { describeShifts } from './shifts.contract.ts';
import { describeStations } from './stations.contract.ts';
import { describeSuppressions } from './suppressions.contract.ts';
import { describeUserAccess } from './user-access.contract.ts';
import { describeWarnings } from './warnings.contract.ts';

const SUITES = [
  describeRegistry,
  describeAlarmWork,
  describeDeviceControl,
  describeFirmware,
  describeGateways,
  describeNotifications,
  describeDeviceRegistry,
  describeIncidents,
  describeDisplays,
  describeShifts,
  describeSuppressions,
  describeDeviceModels,
  describeCommissioning,
  describeIndexWork,
  describeQualitySpans,
  describeCityPast,
  describeStations,
  describeWarnings,
  describeRuleDrafts,
  describeDataExports,
  describeUserAccess,
  describeSavedViews,
  describeLeases,
  describeAnsweredRequests,
  describeRegistryAccess,
];

/** Everything that is asked of a registry. `newPlace` gives a way to open one new, empty registry again and again; each suite takes its own. */
export function describeWholeRegistry(name: string, newPlace: () => () => Promise<Registry>): void {
  for (const describeSuite of SUITES) describeSuite(name, newPlace);
}
