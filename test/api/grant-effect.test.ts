import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import type { SiteId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import type { ApiClient } from './api-client.ts';
import { ENVIRONMENT, POWER, type RunningApi, runApi } from './running-api.ts';

let running: RunningApi;
let admin: ApiClient;
let neighbour: ApiClient;
beforeAll(async () => {
  running = await runApi();
  admin = await running.as('agency_admin');
  neighbour = await running.as('operator', POWER);
});
afterAll(() => running.close());

type Grant = RouteBodyInput<'POST /grants'>;
const grant = (part: Partial<Grant> = {}): Grant => ({
  ...{ agencyId: ENVIRONMENT, toAgencyId: POWER, domain: null, siteId: null, tag: null },
  ...part,
});
const effect = async (body: RouteBodyInput<'POST /grants/effect'>) =>
  (await admin.call('POST /grants/effect', { body })).body;
const seen = async (client: ApiClient): Promise<readonly string[]> =>
  (await client.call('GET /map/points')).body.points.map(({ id }) => id as string);

describe('the effect of a grant, told before it is made', () => {
  it.each<[string, Partial<Grant>]>([
    ['everything of an agency', {}],
    ['one tag', { tag: 'school' }],
    ['one site', { siteId: 's-do-son' as SiteId }],
    ['a domain the agency has nothing in', { domain: 'traffic' }],
    ['the public', { toAgencyId: null, tag: 'school' }],
  ])('is what then happens: %s', async (_, part) => {
    const reader = part.toAgencyId === null ? running.anonymous() : neighbour;
    const [before, told] = [await seen(reader), await effect(grant(part))];
    const { id } = (await admin.call('POST /grants', { body: grant(part) })).body;
    const gained = (await seen(reader)).filter((point) => !before.includes(point));
    expect(told.points).toBe(gained.length);
    expect(told.pointSamples.map((point) => point.id as string).sort()).toEqual([...gained].sort());
    expect(told.readers).toBe(part.toAgencyId === null ? null : 1);
    // Ending it takes the same away.
    expect((await effect({ ...grant(part), except: id })).points).toBe(gained.length);
    await admin.call('DELETE /grants/{grantId}', { params: { grantId: id } });
    expect(await seen(reader)).toEqual(before);
  });

  it('counts what is shown already apart, and changes nothing', async () => {
    const whole = (await effect(grant())).points;
    const { id } = (await admin.call('POST /grants', { body: grant({ toAgencyId: null, tag: 'school' }) })).body;
    const after = await effect(grant());
    expect(after.pointsSeenAlready).toBe(1);
    expect(after.points).toBe(whole - 1);
    expect((await admin.call('GET /grants')).body.items).toHaveLength(1);
    await admin.call('DELETE /grants/{grantId}', { params: { grantId: id } });
  });

  it('is told to those alone who may share', async () => {
    const body = grant();
    expect((await neighbour.call('POST /grants/effect', { body })).status).toBe(403);
    const other = await running.as('agency_admin', POWER);
    expect((await other.call('POST /grants/effect', { body })).status).toBe(403);
    const elsewhere = await admin.call('POST /grants/effect', { body: grant({ siteId: 's-tba' as SiteId }) });
    expect(elsewhere.code).toBe('REFERENCE_MISSING');
  });

  it('ends with a grant that was given for a time', async () => {
    const past = await admin.call('POST /grants', { body: grant({ expiresAt: epochMs(1) }) });
    expect(past.code).toBe('INPUT_INVALID');
    const expiresAt = epochMs(running.clock() + 3_600_000);
    const made = await admin.call('POST /grants', { body: grant({ expiresAt }) });
    expect(made.body.expiresAt).toBe(expiresAt);
    expect(await seen(neighbour)).toContain('p-le-chan');
    await admin.call('DELETE /grants/{grantId}', { params: { grantId: made.body.id } });
  });
});
