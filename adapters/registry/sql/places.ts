import type { Agency, Point, Site, SiteLink } from '../../../domain/asset.ts';
import type { AgencyId, PointId, SiteId } from '../../../domain/identifiers.ts';
import type { RegistryView } from '../../../domain/ports/registry.ts';
import type { QuantityKey } from '../../../domain/quantity.ts';
import type { Context, Gate } from './access.ts';
import { Assets, folded, tagText } from './assets.ts';
import { AGENCIES, AssetEditor, byWords, created, POINTS, SITES } from './editing.ts';
import { eachInTurn } from './in-turn.ts';
import { Where } from './sql-database.ts';

/** Agencies, sites and points of a {@link RegistryView}. */
export function placeViews(context: Context, gate: Gate): Pick<RegistryView, 'agencies' | 'sites' | 'points'> {
  const { db } = context;
  const assets = new Assets(context);
  const editor = new AssetEditor(context, gate);

  const withSeries = async (point: Omit<Point, 'series'>): Promise<Point> => ({
    ...point,
    series: await assets.seriesOf(point.id),
  });
  const loadPoint = async (id: PointId): Promise<Point> =>
    withSeries(await editor.load<Omit<Point, 'series'>>(POINTS, id));

  const addQuantity = async (id: PointId, quantity: QuantityKey): Promise<Point> => {
    const before = await loadPoint(id);
    return editor.write(before.agencyId, 'point.add_quantity', 'point', id, before, async () => {
      await assets.insertSeries(before.agencyId, id, quantity);
      return loadPoint(id);
    });
  };

  return {
    agencies: {
      async list() {
        // An agency that shares anything is known by name to whom it shares with.
        const shared = gate.actor.kind === 'person' ? gate.actor.access.grants.map((grant) => grant.agencyId) : [];
        return (
          await db.all<{ id: AgencyId; body: string; version: number }>(
            'SELECT id, body, version FROM agencies ORDER BY id',
          )
        )
          .filter((row) => gate.readableAgency(row.id) || shared.includes(row.id))
          .map((row): Agency => ({ ...JSON.parse(row.body), version: row.version }));
      },
      async create(agency) {
        return editor.write(agency.id, 'agency.create', 'agency', agency.id, null, async () => {
          created(await assets.insertAgency(agency), agency.id);
          return { ...agency, version: 1 };
        });
      },
      async update(agency) {
        return db.transaction(async () => {
          const before = await editor.load<Agency>(AGENCIES, agency.id);
          return editor.write(agency.id, 'agency.update', 'agency', agency.id, before, () =>
            editor.replace(AGENCIES, agency),
          );
        });
      },
    },
    sites: {
      async list(filter, page) {
        const where = new Where()
          .equals('agency_id', filter.agencyId)
          .equals('domain', filter.domain)
          .equals('kind', filter.kind)
          .equals('parent_id', filter.parentId);
        return editor.list<Site>(SITES, byWords(where, filter.text), page);
      },
      get: async (id) => editor.load<Site>(SITES, id),
      async create(site) {
        return editor.write(site.agencyId, 'site.create', 'site', site.id, null, async () => {
          if (site.parentId !== null) await editor.mustSee(SITES, site.parentId);
          created(await assets.insertSite(site), site.id);
          return { ...site, version: 1 };
        });
      },
      async update(site) {
        return db.transaction(async () => {
          const before = await editor.load<Site>(SITES, site.id);
          const next = { ...site, agencyId: before.agencyId };
          return editor.write(before.agencyId, 'site.update', 'site', site.id, before, async () => {
            if (next.parentId !== null && next.parentId !== before.parentId) await editor.mustSee(SITES, next.parentId);
            return editor.replace(SITES, next, {
              domain: next.domain,
              kind: next.kind,
              parent_id: next.parentId,
              folded: folded(next.name.vi, next.name.en, next.id),
            });
          });
        });
      },
      async links({ siteId }) {
        const where = new Where();
        if (siteId) where.add('from_id = ? OR to_id = ?', siteId, siteId);
        gate.readable(where, AGENCIES.columns);
        return (
          await db.all<{ agency_id: AgencyId; from_id: SiteId; to_id: SiteId; kind: SiteLink['kind'] }>(
            `SELECT * FROM site_links ${where.sql} ORDER BY from_id, to_id`,
            ...where.values,
          )
        ).map((row) => ({ agencyId: row.agency_id, from: row.from_id, to: row.to_id, kind: row.kind }));
      },
      async link(link) {
        await editor.write(link.agencyId, 'site.link', 'site', link.from, null, async () => {
          await editor.mustSee(SITES, link.from);
          await editor.mustSee(SITES, link.to);
          await assets.insertLink(link);
          return link;
        });
      },
    },
    points: {
      async list(filter, page) {
        return db.snapshot(async () => {
          const where = new Where()
            .equals('agency_id', filter.agencyId)
            .equals('domain', filter.domain)
            .equals('site_id', filter.siteId);
          if (filter.tag) where.add('instr(tags, ?) > 0', tagText([filter.tag]));
          if (filter.ids) where.add(`id IN ${db.dialect.texts}`, JSON.stringify(filter.ids));
          const found = await editor.list<Omit<Point, 'series'>>(POINTS, byWords(where, filter.text), page);
          return { ...found, items: await eachInTurn(found.items, withSeries) };
        });
      },
      get: async (id) => db.snapshot(async () => loadPoint(id)),
      async create(next) {
        return editor.write(next.agencyId, 'point.create', 'point', next.id, null, async () => {
          await editor.mustSee(SITES, next.siteId);
          created(await assets.insertPoint(next), next.id);
          return loadPoint(next.id);
        });
      },
      async update({ series: _, ...edited }) {
        return db.transaction(async () => {
          const before = await loadPoint(edited.id);
          const next = { ...edited, agencyId: before.agencyId };
          return editor.write(before.agencyId, 'point.update', 'point', next.id, before, async () => {
            if (next.siteId !== before.siteId) await editor.mustSee(SITES, next.siteId);
            const stored = await editor.replace(POINTS, next, {
              site_id: next.siteId,
              domain: next.domain,
              tags: tagText(next.tags),
              folded: folded(next.name.vi, next.name.en, next.id),
            });
            return { ...stored, series: before.series };
          });
        });
      },
      addQuantity: async (id, quantity) => db.transaction(async () => addQuantity(id, quantity)),
      async addQuantities(additions) {
        return db.transaction(async () => {
          const points = new Map<PointId, Point>();
          for (const { pointId, quantity } of additions) {
            const point = points.get(pointId) ?? (await loadPoint(pointId));
            const has = point.series.some((series) => series.quantity === quantity);
            points.set(pointId, has ? point : await addQuantity(pointId, quantity));
          }
          return [...points.values()];
        });
      },
    },
  };
}
