import { z } from 'zod';
import { type Evidence, type LegalLimit, legalLimitSchema } from './legal-limit.ts';

/*
 * River alarm levels (báo động I, II, III): Decision 05/2020/QĐ-TTg of 31 January 2020, in force 20 March 2020. Its annex was not at hand. What
 * bulletins of the Hải Phòng hydrometeorological station say of a level and its excess gives the level: 3.16 m being "0.16 m above BĐ2" at Chanh
 * Chử makes BĐ2 3.00 m. A level that no source gives is `null`, not guessed.
 */

const stationSchema = z.strictObject({
  /** The gauge's name in addresses, as in the city's sites. */
  slug: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  river: z.string().min(1),
  station: z.string().min(1),
  /** BĐ1, BĐ2, BĐ3 above the station's own datum. */
  levels: z.tuple([legalLimitSchema.nullable(), legalLimitSchema.nullable(), legalLimitSchema.nullable()]),
});
export type RiverStation = z.output<typeof stationSchema>;

interface Told {
  readonly metres: number;
  readonly evidence: Evidence;
  readonly by: string;
}
/** From two bulletins of the Hải Phòng station. */
const derived = (metres: number, by: string): Told => ({
  metres,
  evidence: 'derived',
  by: `bản tin Đài KTTV Hải Phòng: ${by}`,
});
/** The table of alarm levels that the national bulletins carry. */
const printed = (metres: number): Told => ({
  metres,
  evidence: 'secondary',
  by: 'bảng mức báo động trong bản tin thủy văn hạn ngắn Bắc Bộ',
});
const remembered = (metres: number): Told => ({ metres, evidence: 'unverified', by: 'chưa đối chiếu văn bản' });

const limitOf = (grade: number, { metres, evidence, by }: Told): LegalLimit =>
  legalLimitSchema.parse({
    quantity: 'water_level',
    bound: 'maximum',
    value: metres,
    unit: 'm',
    averagingHours: null,
    edge: 'reached',
    inForce: { from: '2020-03-20', until: null },
    source: {
      document: 'Quyết định 05/2020/QĐ-TTg',
      clause: `Phụ lục, BĐ${grade} (${by})`,
      issued: '2020-01-31',
      evidence,
    },
  });

const station = (
  slug: string,
  river: string,
  name: string,
  levels: readonly [Told | null, Told | null, Told | null] = [null, null, null],
): RiverStation =>
  stationSchema.parse({
    slug,
    river,
    station: name,
    levels: levels.map((told, i) => (told === null ? null : limitOf(i + 1, told))),
  });

/** Gauges of the city, Hải Dương's included since July 2025. */
export const RIVER_STATIONS: readonly RiverStation[] = [
  station('chanh-chu', 'Luộc', 'Chanh Chử', [
    derived(2.5, '2,80 m trên BĐ1 0,30 m (2/10/2025)'),
    derived(3.0, '3,16 m trên BĐ2 0,16 m (11/9/2024)'),
    remembered(3.5),
  ]),
  station('trung-trang', 'Văn Úc', 'Trung Trang', [
    derived(2.0, '2,13 m trên BĐ1 0,13 m (2/10/2025)'),
    derived(2.3, '2,29 m dưới BĐ2 0,01 m (11/9/2024)'),
    remembered(2.6),
  ]),
  station('pha-lai', 'Thái Bình', 'Phả Lại', [
    printed(4.0),
    derived(5.0, '5,01 m trên BĐ2 0,01 m (2/10/2025)'),
    printed(6.0),
  ]),
  station('cat-khe', 'Thái Bình', 'Cát Khê', [null, derived(4.5, '4,46 m dưới BĐ2 0,04 m (2/10/2025)'), null]),
  station('ben-binh', 'Kinh Thầy', 'Bến Bình', [null, derived(3.5, '3,74 m trên BĐ2 0,24 m (2/10/2025)'), null]),
  // Named in bulletins, without levels.
  station('cua-cam', 'Cấm', 'Cửa Cấm'),
  station('kien-an', 'Lạch Tray', 'Kiến An'),
  station('do-nghi', 'Bạch Đằng', 'Do Nghi'),
  station('quang-phuc', 'Văn Úc', 'Quang Phục'),
  station('tien-tien', 'Mới', 'Tiên Tiến'),
  station('dong-xuyen', 'Thái Bình', 'Đông Xuyên'),
  station('cao-kenh', 'Kinh Thầy', 'Cao Kênh'),
  station('ba-nha', 'Gùa', 'Bá Nha'),
  station('an-phu', 'Kinh Môn', 'An Phụ'),
  station('quang-dat', 'Lạch Tray', 'Quảng Đạt'),
];
