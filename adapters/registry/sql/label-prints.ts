import type { Device } from '../../../domain/asset.ts';
import type { AgencyId, DeviceId } from '../../../domain/identifiers.ts';
import type { LabelPrint, LabelPrintView } from '../../../domain/ports/label-prints.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { Context, Gate } from './access.ts';
import { type ClaimRow, DeviceLives, windowOf } from './device-life.ts';
import { AssetEditor, DEVICES } from './editing.ts';
import { eachInTurn } from './in-turn.ts';
import { limitOf, pageOf, rowNumberOf } from './pages.ts';
import { Where } from './sql-database.ts';

interface PrintRow {
  readonly number: number;
  readonly id: string;
  readonly agency_id: AgencyId;
  readonly printed_at: EpochMs;
  readonly body: string;
}
const printOf = (row: PrintRow): LabelPrint => ({
  ...(JSON.parse(row.body) as Omit<LabelPrint, 'id' | 'agencyId' | 'printedAt'>),
  id: row.id,
  agencyId: row.agency_id,
  printedAt: row.printed_at,
});

/** Printed labels for a {@link import('../../../domain/ports/registry.ts').RegistryView}. */
export function labelPrintViews(context: Context, gate: Gate): LabelPrintView {
  const { db, clock, newId } = context;
  const editor = new AssetEditor(context, gate);
  const lives = new DeviceLives(context, gate);

  return {
    async print({ format, deviceIds, claims, opensAt, closesAt }) {
      return db.transaction(async () => {
        const coded = new Set<DeviceId>(claims.map(({ deviceId }) => deviceId));
        for (const claim of claims) await lives.openClaim(claim, { opensAt, closesAt });
        const byAgency = new Map<AgencyId, DeviceId[]>();
        for (const id of deviceIds) {
          const { agencyId } = await editor.load<Device>(DEVICES, id);
          gate.mayWrite(agencyId, id, true);
          byAgency.set(agencyId, [...(byAgency.get(agencyId) ?? []), id]);
        }
        return eachInTurn([...byAgency], async ([agencyId, printed]) => {
          const codes = printed.filter((id) => coded.has(id)).length;
          const made = { printedBy: gate.userId, format, deviceIds: printed, codes, opensAt, closesAt };
          const print: LabelPrint = { id: newId(), agencyId, printedAt: clock(), ...made };
          await db.run(
            'INSERT INTO label_prints (id, agency_id, printed_at, body) VALUES (?,?,?,?)',
            print.id,
            agencyId,
            print.printedAt,
            JSON.stringify(made),
          );
          await gate.audit(agencyId, 'labels.print', 'label_print', print.id, null, made);
          return print;
        });
      });
    },
    async prints(page) {
      const limit = limitOf(page);
      const where = gate.ownOnly(new Where().add('number < ?', rowNumberOf(page)), 'agency_id');
      const rows = await db.all<PrintRow>(
        `SELECT * FROM label_prints ${where.sql} ORDER BY number DESC LIMIT ?`,
        ...where.values,
        limit + 1,
      );
      const { items, next } = pageOf(rows, limit, (row) => String(row.number));
      return { items: items.map(printOf), next };
    },
    async claimWindows(page) {
      const limit = limitOf(page);
      const where = gate.ownOnly(new Where().add('c.device_id > ?', page.after ?? ''), 'd.agency_id');
      const rows = await db.all<ClaimRow>(
        `SELECT c.* FROM claim_codes c JOIN devices d ON d.id = c.device_id ${where.sql} ORDER BY c.device_id LIMIT ?`,
        ...where.values,
        limit + 1,
      );
      const { items, next } = pageOf(rows, limit, (row) => row.device_id);
      return { items: items.map(windowOf), next };
    },
  };
}
