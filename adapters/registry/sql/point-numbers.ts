import type { PointId } from '../../../domain/identifiers.ts';
import type { PointNumbers } from '../../../domain/ports/registry.ts';
import type { Context } from './access.ts';

const MISSING = 'FROM points p WHERE NOT EXISTS (SELECT 1 FROM point_numbers n WHERE n.point_id = p.id)';

/** Numbers of all points; those that have none yet get theirs, once, whoever asks. */
export async function pointNumbers({ db, newId }: Context): Promise<PointNumbers> {
  const read = async (): Promise<PointNumbers | null> => {
    const numbering = await db.get<{ epoch: string }>('SELECT epoch FROM point_numbering');
    if (!numbering || (await db.get(`SELECT 1 AS one ${MISSING} LIMIT 1`)) !== undefined) return null;
    return {
      epoch: numbering.epoch,
      numbers: new Map(await db.tuples<readonly [PointId, number]>('SELECT point_id, number FROM point_numbers')),
    };
  };
  const give = async (): Promise<void> => {
    if (!(await db.get('SELECT epoch FROM point_numbering')))
      await db.run('INSERT INTO point_numbering (epoch) VALUES (?)', newId());
    await db.run(`INSERT INTO point_numbers (point_id) SELECT p.id ${MISSING} ORDER BY p.id`);
  };
  return (
    (await db.snapshot(read)) ??
    (await db.transaction(async () => {
      await give();
      return (await read())!;
    }))
  );
}
