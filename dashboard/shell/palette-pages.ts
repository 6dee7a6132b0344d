import type { SignedIn } from '../../api/contract/session.ts';
import type { Permission } from '../../domain/access.ts';
import { holdsAnywhere } from '../client/session.ts';

/** Pages that stand behind the tabs of a navigation entry, with the permission they need. */
const PAGES = [
  { to: '/suppressions', label: 'suppressions.title', needs: 'read' },
  { to: '/devices', label: 'assets.devices', needs: 'read' },
  { to: '/models', label: 'assets.models', needs: 'read' },
  { to: '/firmware', label: 'assets.firmware', needs: 'read' },
  { to: '/imports', label: 'assets.imports', needs: 'assets.write' },
  { to: '/labels', label: 'assets.labels', needs: 'credentials.write' },
  { to: '/provisioning', label: 'assets.provisioning', needs: 'agency.administer' },
  { to: '/quarantine', label: 'assets.quarantine', needs: 'quarantine.read' },
  { to: '/compare', label: 'compare.title', needs: 'read' },
  { to: '/stations', label: 'stations.title', needs: 'rules.write' },
  { to: '/notifications', label: 'notifications.title', needs: 'read' },
  { to: '/roles', label: 'roles.title', needs: 'agency.administer' },
  { to: '/agencies', label: 'agencies.title', needs: 'agency.administer' },
  { to: '/sharing', label: 'sharing.title', needs: 'agency.administer' },
  { to: '/api-keys', label: 'apiKeys.title', needs: 'agency.administer' },
  { to: '/audit', label: 'audit.title', needs: 'agency.administer' },
] as const satisfies readonly { readonly to: string; readonly label: string; readonly needs: Permission }[];

/** Those the person may see. */
export const palettePages = (session: SignedIn): readonly (typeof PAGES)[number][] =>
  PAGES.filter(({ needs }) => holdsAnywhere(session, needs));
