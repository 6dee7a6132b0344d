import type { IndexCategory } from '../../domain/indices/index-category.ts';
import type { Localized } from '../../domain/localized.ts';

/** A class of an index as people see it. */
export interface ShownCategory extends IndexCategory {
  readonly name: Localized;
  /** As the source prints it, sRGB. */
  readonly colour: `#${string}`;
}

/** A class of air quality with what it does to people and what they should do. */
export interface AirCategory extends ShownCategory {
  readonly effect: Localized;
  readonly advice: {
    readonly general: Localized;
    /** Elderly people, children, people with respiratory or heart disease. */
    readonly sensitive: Localized;
  };
}

/** Both indices of the air have six classes between the same whole values in the same colours: Table 1 of Decision 1459/QĐ-TCMT, Table 2 of EPA-454/B-24-002. */
const AIR_SCALE = [
  { min: 0, max: 50, colour: '#00E400' },
  { min: 51, max: 100, colour: '#FFFF00' },
  { min: 101, max: 150, colour: '#FF7E00' },
  { min: 151, max: 200, colour: '#FF0000' },
  { min: 201, max: 300, colour: '#8F3F97' },
  { min: 301, max: 500, colour: '#7E0023' },
] as const;
type AirClass = Omit<AirCategory, keyof (typeof AIR_SCALE)[number]>;

/** The classes of an index of the air, cleanest first, on the common scale. */
export const airCategories = (
  ...classes: readonly [AirClass, AirClass, AirClass, AirClass, AirClass, AirClass]
): readonly AirCategory[] => AIR_SCALE.map((scale, i) => ({ ...classes[i]!, ...scale }));
