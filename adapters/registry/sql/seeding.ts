import type { AgencyId, CredentialId } from '../../../domain/identifiers.ts';
import { type CitySeed, type Registry, RegistryError } from '../../../domain/ports/registry.ts';
import { type Context, type Gate, refused } from './access.ts';
import { Assets } from './assets.ts';

const DEFAULT_TOPICS = ['hd/v1/{id}/#'];

/**
 * Makes what isn't there of a city, in one transaction with one audit row.
 * @throws {RegistryError} REFERENCE_MISSING; NOT_FOUND or NOT_ALLOWED for agencies that the actor may not write.
 */
export async function seedCity(
  context: Context,
  gate: Gate,
  city: CitySeed,
): Promise<Awaited<ReturnType<Registry['seed']>>> {
  const { db, clock } = context;
  const assets = new Assets(context);
  let created = 0;
  let existing = 0;
  const count = (made: boolean): boolean => {
    if (made) created++;
    else existing++;
    return made;
  };
  const now = clock();
  const allowed = new Set<AgencyId | null>();
  const mayWrite = ({ agencyId }: { readonly agencyId: AgencyId | null }): void => {
    if (allowed.has(agencyId)) return;
    gate.mayWrite(agencyId, agencyId ?? 'city');
    allowed.add(agencyId);
  };

  await db.transaction(async () => {
    for (const agency of city.agencies) mayWrite({ agencyId: agency.id });
    for (const rows of [city.models, city.sites, city.links, city.points, city.devices, city.rules])
      for (const row of rows) mayWrite(row);
    try {
      for (const agency of city.agencies) count(await assets.insertAgency(agency));
      for (const model of city.models) count(await assets.insertModel(model));
      for (const site of city.sites) count(await assets.insertSite(site));
      for (const link of city.links) await assets.insertLink(link);
      for (const point of city.points) count(await assets.insertPoint(point));
      for (const { tokenSha256, serves, ...device } of city.devices) {
        if (!count(await assets.insertDevice(device, gate.userId))) continue;
        if (tokenSha256) {
          await assets.insertCredential({
            id: `${device.id}-seed` as CredentialId,
            deviceId: device.id,
            agencyId: device.agencyId,
            kind: 'token',
            tokenSha256,
            topicFilters: DEFAULT_TOPICS,
            createdAt: now,
            expiresAt: null,
            revokedAt: null,
          });
        }
        for (const point of serves) {
          const owner = await db.get<{ agencyId: AgencyId }>(
            'SELECT agency_id AS "agencyId" FROM points WHERE id = ?',
            point,
          );
          if (!owner) throw new RegistryError('REFERENCE_MISSING', { id: point });
          mayWrite(owner);
          await assets.assign(device, point, now, gate.userId);
        }
      }
      for (const rule of city.rules) {
        const { changes } = await db.run(
          'INSERT INTO rules VALUES (?,?,1,NULL) ON CONFLICT DO NOTHING',
          rule.id,
          rule.agencyId,
        );
        if (!count(changes > 0)) continue;
        await db.run(
          'INSERT INTO rule_versions VALUES (?,1,?,?,?)',
          rule.id,
          rule.agencyId,
          now,
          JSON.stringify({ ...rule, version: 1, createdAt: now, createdBy: gate.userId }),
        );
      }
    } catch (error) {
      refused(error, {});
    }
    if (created > 0) await gate.audit(null, 'city.seed', 'city', 'city', null, { created, existing });
  });
  return { created, existing };
}
