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
