import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../api/contract/route.ts';
import { type ApiRoute, ROUTES } from '../../api/contract/routes.ts';
import { ROLES, type Role } from '../../domain/access.ts';
import type { ApiClient } from './api-client.ts';
import { type RunningApi, runApi } from './running-api.ts';

type Who = Role | 'nobody';
const EVERYONE: readonly Who[] = ['nobody', ...ROLES];

/** The contract's table "People", written out by hand: who may call a route with this word. */
const MAY: Readonly<Record<Route['access'], readonly Who[]>> = {
  anyone: EVERYONE,
  shared: EVERYONE,
  signed_in: ROLES,
  // No person is a wall screen.
  display: [],
  read: ROLES,
  'alarms.work': ['operator', 'environment', 'agency_admin', 'platform_admin'],
  'assets.write': ['installer', 'agency_admin', 'platform_admin'],
  'credentials.write': ['installer', 'agency_admin', 'platform_admin'],
  'quarantine.read': ['installer', 'agency_admin', 'platform_admin'],
  'rules.write': ['environment', 'agency_admin', 'platform_admin'],
  'warnings.draft': ['operator', 'environment', 'agency_admin', 'platform_admin'],
  'warnings.approve': ['environment', 'agency_admin', 'platform_admin'],
  'agency.administer': ['agency_admin', 'platform_admin'],
  'platform.administer': ['platform_admin'],
};

/** The only routes open to those who have not signed in; one more here is a decision, not a slip. */
const OPEN_TO_NOBODY = [
  'GET /settings',
  'GET /warnings/published',
  'GET /map/points',
  'GET /map/places',
  'GET /map/lines',
  'GET /quantities',
  'GET /agencies',
  'GET /sites',
  'GET /sites/{siteId}',
  'GET /points',
  'GET /points/{pointId}',
  'GET /readings',
  'GET /readings/windows',
  'GET /indices',
  'GET /latest',
  'GET /points/{pointId}/indices',
  'GET /session',
  'POST /session',
  'POST /display',
  'POST /setup',
  'POST /invitations/redeem',
];

let running: RunningApi;
const clients = new Map<Who, ApiClient>();
beforeAll(async () => {
  running = await runApi({
    limits: { loginTriesPerAddress: 10_000, loginTriesPerAccountAndAddress: 10_000, loginTriesPerAccount: 10_000 },
  });
  clients.set('nobody', running.anonymous());
  for (const role of ROLES) clients.set(role, await running.as(role));
});
afterAll(() => running.close());

describe('who may call what', () => {
  const keys = Object.keys(ROUTES) as ApiRoute[];

  it('opens only these routes to those who have not signed in', () => {
    const open = keys.filter((key) => MAY[ROUTES[key].access].includes('nobody'));
    expect(open.sort()).toEqual([...OPEN_TO_NOBODY].sort());
  });

  describe.each(EVERYONE)('%s', (who) => {
    it.each(keys)('%s', async (key) => {
      const route: Route = ROUTES[key];
      // Signing out is for a session of its own.
      const client = key === 'DELETE /session' && who !== 'nobody' ? await running.as(who) : clients.get(who);
      const { status, code } = await (client as ApiClient).call(key, {
        ...(route.body ? { rawBody: {} } : {}),
        ...(route.ifMatch ? { version: 1 } : {}),
      });
      if (MAY[route.access].includes(who)) {
        expect([401, 403].includes(status) && code !== 'SETUP_CLOSED', `${status} ${code}`).toBe(false);
      } else if (who === 'nobody') {
        expect({ status, code }).toEqual({ status: 401, code: 'NOT_SIGNED_IN' });
      } else {
        expect({ status, code }).toEqual({ status: 403, code: 'NOT_PERMITTED' });
      }
    });
  });
});
