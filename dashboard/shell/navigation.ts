import type { SignedIn } from '../../api/contract/session.ts';
import { holdsAnywhere } from '../client/session.ts';
import {
  IconActivity,
  IconBell,
  IconClipboardList,
  IconFileExport,
  IconHistory,
  IconListDetails,
  type IconMap,
  IconRuler2,
  IconSpeakerphone,
  IconTool,
  IconUsers,
  IconMap as MapIcon,
} from '../components/icons.ts';

export interface NavigationEntry {
  readonly to:
    | '/'
    | '/alarms'
    | '/replay'
    | '/shift'
    | '/points'
    | '/jobs'
    | '/rules'
    | '/official-warnings'
    | '/export'
    | '/users'
    | '/operations';
  readonly label:
    | 'nav.map'
    | 'nav.alarms'
    | 'nav.replay'
    | 'nav.shift'
    | 'nav.assets'
    | 'nav.jobs'
    | 'nav.rules'
    | 'nav.warnings'
    | 'nav.data'
    | 'nav.admin'
    | 'nav.operations';
  readonly icon: typeof IconMap;
  /** Other pages that belong to the entry. */
  readonly alsoAt: readonly string[];
  /** Not in the phone's bar but in its menu, wherever it stands in the rail. */
  readonly notInBar?: true;
}

/** Entries that the phone's bar holds; the others are in its menu. */
const BAR_ENTRIES = 4;

/** Pages the person's roles may see; what is not permitted is not shown. */
export function navigationFor(session: SignedIn): readonly NavigationEntry[] {
  const entries: NavigationEntry[] = [
    { to: '/', label: 'nav.map', icon: MapIcon, alsoAt: [] },
    { to: '/alarms', label: 'nav.alarms', icon: IconBell, alsoAt: ['/suppressions', '/incidents', '/alarm-health'] },
    { to: '/replay', label: 'nav.replay', icon: IconHistory, alsoAt: [], notInBar: true },
    {
      to: '/points',
      label: 'nav.assets',
      icon: IconListDetails,
      alsoAt: ['/devices', '/models', '/firmware', '/imports', '/labels', '/provisioning', '/quarantine'],
    },
    { to: '/rules', label: 'nav.rules', icon: IconRuler2, alsoAt: [] },
  ];
  if (holdsAnywhere(session, 'assets.write')) {
    // The phone's bar holds four: whoever does not write rules has the jobs in the place of these.
    const at = holdsAnywhere(session, 'rules.write') ? entries.length : entries.length - 1;
    entries.splice(at, 0, { to: '/jobs', label: 'nav.jobs', icon: IconTool, alsoAt: ['/claim'] });
  }
  if (holdsAnywhere(session, 'alarms.work')) {
    entries.push({ to: '/shift', label: 'nav.shift', icon: IconClipboardList, alsoAt: [] });
  }
  if (holdsAnywhere(session, 'warnings.draft')) {
    entries.push({ to: '/official-warnings', label: 'nav.warnings', icon: IconSpeakerphone, alsoAt: [] });
  }
  // Behind those that the phone's bar holds; there it is in the menu.
  entries.push({ to: '/export', label: 'nav.data', icon: IconFileExport, alsoAt: ['/stations', '/compare'] });
  if (holdsAnywhere(session, 'agency.administer')) {
    entries.push({
      to: '/users',
      label: 'nav.admin',
      icon: IconUsers,
      alsoAt: ['/roles', '/agencies', '/sharing', '/api-keys', '/displays', '/audit'],
    });
  }
  if (holdsAnywhere(session, 'platform.administer')) {
    entries.push({ to: '/operations', label: 'nav.operations', icon: IconActivity, alsoAt: [] });
  }
  return entries;
}

/** The same for the phone: what its bar holds, and what is in the menu beside it. */
export function phoneNavigationFor(session: SignedIn): {
  readonly bar: readonly NavigationEntry[];
  readonly menu: readonly NavigationEntry[];
} {
  const entries = navigationFor(session);
  const bar = entries.filter(({ notInBar }) => !notInBar).slice(0, BAR_ENTRIES);
  return { bar, menu: entries.filter((entry) => !bar.includes(entry)) };
}
