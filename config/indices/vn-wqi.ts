import type { QualityCurve, WqiParameter, WqiTable } from '../../domain/indices/water-quality-index.ts';
import type { Localized } from '../../domain/localized.ts';
import type { CatalogueKey } from '../quantities.ts';
import type { ShownCategory } from './category.ts';

/*
 * VN_WQI: Decision 1460/QĐ-TCMT of the Vietnam Environment Administration, 12 November 2019, in place of Decision 879/QĐ-TCMT (2011). The
 * table of the decision itself was not at hand. Two independent programs agree on pH, DO, BOD5, COD, P-PO4, N-NH4, N-NO2, coliform and on the
 * aggregate; the other curves rest on one. Whoever has the text should compare before publishing.
 */

/** 100, 75, 50, 25 and, where given, 10 at these values; 100 below, 10 above. */
const falling = (...values: readonly number[]): QualityCurve => {
  const qualities = [100, 75, 50, 25, 10];
  return { below: 100, points: values.map((value, i) => [value, qualities[i]!] as const), above: 10 };
};
/** 100 up to the limit, 10 above it. */
const limit = (value: number): QualityCurve => ({ below: 100, points: [[value, 100]], above: 10 });

const CURVES: Readonly<Record<WqiParameter, QualityCurve>> = {
  pH: {
    below: 10,
    points: [
      [5.5, 50],
      [6, 100],
      [8.5, 100],
      [9, 50],
    ],
    above: 10,
  },
  // µg/L
  aldrin: limit(0.1),
  BHC: limit(0.02),
  dieldrin: limit(0.1),
  DDTs: limit(1),
  heptachlor: limit(0.2),
  // mg/L
  As: falling(0.01, 0.02, 0.05, 0.1),
  Cd: falling(0.005, 0.008, 0.01, 0.1),
  Pb: falling(0.02, 0.04, 0.05, 0.5),
  Cr6: falling(0.01, 0.02, 0.04, 0.1),
  Cu: falling(0.1, 0.2, 0.5, 1, 2),
  Zn: falling(0.5, 1, 1.5, 2, 3),
  Hg: falling(0.001, 0.0015, 0.002, 0.01),
  // Per cent of saturation. The two programs differ at exactly 20 and 200: here they belong to the curve.
  DO: {
    below: 10,
    points: [
      [20, 25],
      [50, 50],
      [75, 75],
      [88, 100],
      [112, 100],
      [125, 75],
      [150, 50],
      [200, 25],
    ],
    above: 10,
  },
  // mg/L
  BOD5: falling(4, 6, 15, 25, 50),
  COD: falling(10, 15, 30, 50, 150),
  TOC: falling(4, 6, 15, 25, 50),
  // A step from 100 to 75 at 0.3.
  NH4_N: {
    below: 100,
    points: [
      [0.3, 75],
      [0.6, 50],
      [0.9, 25],
      [5, 10],
    ],
    above: 10,
  },
  // The other program falls from 50 to 10 between 10 and 15.
  NO3_N: falling(2, 5, 10, 15),
  NO2_N: limit(0.05),
  PO4_P: falling(0.1, 0.2, 0.3, 0.5, 4),
  // MPN/100 mL
  coliform: falling(2_500, 5_000, 7_500, 10_000),
  E_coli: falling(20, 50, 100, 200),
};

export interface WaterCategory extends ShownCategory {
  /** What the water is good for. */
  readonly use: Localized;
}

/** Limits of the classes by two programs, the colour of the first by the decision, the others unverified. */
export const VN_WQI_CATEGORIES: readonly WaterCategory[] = [
  {
    key: 'heavily_polluted',
    min: 0,
    max: 9,
    name: { vi: 'Ô nhiễm rất nặng', en: 'Heavily polluted' },
    colour: '#7E0023',
    use: { vi: 'Nước nhiễm độc, cần có biện pháp khắc phục, xử lý.', en: 'Toxic; needs remediation.' },
  },
  {
    key: 'poor',
    min: 10,
    max: 25,
    name: { vi: 'Kém', en: 'Poor' },
    colour: '#FF0000',
    use: {
      vi: 'Nước ô nhiễm nặng, cần các biện pháp xử lý trong tương lai.',
      en: 'Badly polluted; needs treatment.',
    },
  },
  {
    key: 'bad',
    min: 26,
    max: 50,
    name: { vi: 'Xấu', en: 'Bad' },
    colour: '#FF7E00',
    use: {
      vi: 'Sử dụng cho giao thông thủy và các mục đích tương đương khác.',
      en: 'Good for navigation and the like.',
    },
  },
  {
    key: 'medium',
    min: 51,
    max: 75,
    name: { vi: 'Trung bình', en: 'Medium' },
    colour: '#FFFF00',
    use: {
      vi: 'Sử dụng cho mục đích tưới tiêu và các mục đích tương đương khác.',
      en: 'Good for irrigation and the like.',
    },
  },
  {
    key: 'good',
    min: 76,
    max: 90,
    name: { vi: 'Tốt', en: 'Good' },
    colour: '#00E400',
    use: {
      vi: 'Sử dụng cho mục đích cấp nước sinh hoạt nhưng cần các biện pháp xử lý phù hợp.',
      en: 'Good for domestic supply after proper treatment.',
    },
  },
  {
    key: 'very_good',
    min: 91,
    max: 100,
    name: { vi: 'Rất tốt', en: 'Very good' },
    colour: '#3333FF',
    use: { vi: 'Sử dụng tốt cho mục đích cấp nước sinh hoạt.', en: 'Good for domestic supply.' },
  },
];

export const VN_WQI: WqiTable & { readonly categories: readonly WaterCategory[] } = {
  curves: CURVES,
  categories: VN_WQI_CATEGORIES,
  // Remembered so; an operational system publishes from two groups. Unverified, hence a setting.
  minimumGroups: 3,
  minimumInGroupIV: 3,
};

/** The quantities of the catalogue that the index is made of; dissolved oxygen wants the water temperature with it. Units are those of the table. */
export const VN_WQI_QUANTITIES: Readonly<Partial<Record<WqiParameter | 'water_temperature', CatalogueKey>>> = {
  pH: 'ph',
  DO: 'dissolved_oxygen',
  BOD5: 'bod5',
  COD: 'cod',
  TOC: 'toc',
  NH4_N: 'ammonium',
  NO3_N: 'nitrate',
  NO2_N: 'nitrite',
  PO4_P: 'phosphate',
  coliform: 'coliform',
  water_temperature: 'water_temperature',
};
