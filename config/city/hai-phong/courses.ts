import type { Location } from '../../../domain/asset.ts';
import { at } from './place.ts';

/*
 * Courses of streets, by the slug of their row: pieces of the roads of the bundled base map, which are schematic, cut to the length that is measured.
 * Streets that the base map doesn't have keep to the place of their sensor.
 */

type Course = readonly (readonly [longitude: number, latitude: number])[];

const ROADS: Readonly<Record<string, Course>> = {
  'ct04-gia-loc': [
    [106.285, 20.8708],
    [106.3132, 20.8652],
    [106.35, 20.856],
    [106.3974, 20.8465],
  ],
  'ct04-an-lao': [
    [106.4806, 20.833],
    [106.5, 20.829],
    [106.5095, 20.8266],
    [106.528, 20.8211],
    [106.5367, 20.8181],
    [106.545, 20.815],
    [106.5526, 20.8115],
    [106.5728, 20.8002],
    [106.58, 20.797],
    [106.5956, 20.7916],
    [106.6059, 20.7888],
  ],
  'ct04-kien-thuy': [
    [106.6122, 20.7873],
    [106.62, 20.786],
    [106.6282, 20.7852],
    [106.6365, 20.785],
    [106.66, 20.786],
    [106.6668, 20.7867],
    [106.6791, 20.7887],
    [106.6949, 20.7921],
    [106.7069, 20.7954],
  ],
  'ct06-dinh-vu': [
    [106.765, 20.816],
    [106.782, 20.836],
    [106.7928, 20.8473],
  ],
  'ql5-quan-toan': [
    [106.5603, 20.9202],
    [106.5789, 20.9012],
    [106.5937, 20.8877],
  ],
  'ql5-kim-thanh': [
    [106.4358, 20.9658],
    [106.45, 20.967],
    [106.4618, 20.9672],
    [106.4745, 20.967],
    [106.4873, 20.9662],
    [106.4994, 20.9646],
    [106.51, 20.962],
    [106.5187, 20.9581],
    [106.5204, 20.9568],
  ],
  'ql5-hai-duong': [
    [106.2792, 20.9367],
    [106.3, 20.938],
    [106.3132, 20.9394],
    [106.3236, 20.941],
    [106.3363, 20.9438],
  ],
  'ql10-thuy-nguyen': [
    [106.716, 20.9808],
    [106.6894, 20.9717],
    [106.68, 20.968],
    [106.6609, 20.9592],
    [106.6458, 20.9514],
  ],
  'ql10-an-lao': [
    [106.5554, 20.8221],
    [106.5445, 20.8075],
    [106.535, 20.797],
    [106.5239, 20.7872],
    [106.5099, 20.776],
  ],
  'ql10-vinh-bao': [
    [106.476, 20.7484],
    [106.47, 20.742],
    [106.4664, 20.7363],
    [106.4639, 20.7308],
    [106.4625, 20.7254],
    [106.4619, 20.7201],
    [106.462, 20.715],
    [106.4636, 20.7101],
    [106.4705, 20.7009],
    [106.4733, 20.6965],
    [106.474, 20.692],
    [106.4722, 20.6875],
    [106.4695, 20.684],
  ],
  'pvd-duong-kinh': [
    [106.7113, 20.7981],
    [106.7176, 20.7892],
    [106.7244, 20.7805],
    [106.7457, 20.7546],
  ],
  'pvd-do-son': [
    [106.7495, 20.7503],
    [106.766, 20.733],
    [106.7827, 20.7177],
  ],
  'xuyen-dao': [
    [106.9566, 20.7862],
    [106.9741, 20.7772],
    [106.985, 20.77],
    [106.9888, 20.7664],
    [106.9968, 20.7554],
    [107, 20.752],
    [107.0039, 20.7487],
    [107.0125, 20.7426],
    [107.022, 20.737],
    [107.0275, 20.7344],
    [107.0488, 20.726],
  ],
  'ql18-chi-linh': [
    [106.3126, 21.104],
    [106.3799, 21.0998],
    [106.3894, 21.099],
  ],
  'tan-vu-cat-hai': [
    [106.8423, 20.8024],
    [106.8713, 20.7999],
    [106.8806, 20.7985],
    [106.885, 20.797],
    [106.8896, 20.7946],
    [106.8943, 20.7915],
    [106.905, 20.783],
  ],
  'le-hong-phong': [
    [106.7035, 20.8512],
    [106.7087, 20.8482],
    [106.7125, 20.8438],
    [106.716, 20.838],
    [106.7194, 20.8295],
  ],
  'nbk-dong-hai': [
    [106.729, 20.8575],
    [106.7347, 20.8571],
    [106.738, 20.8562],
    [106.745, 20.8535],
    [106.7487, 20.8514],
    [106.7627, 20.8418],
  ],
  'truong-chinh': [
    [106.6579, 20.8344],
    [106.6521, 20.8293],
    [106.643, 20.8199],
    [106.6377, 20.815],
  ],
  'to-hieu': [
    [106.667, 20.8502],
    [106.672, 20.8495],
    [106.676, 20.8497],
    [106.681, 20.851],
    [106.6856, 20.8528],
  ],
  'lach-tray': [
    [106.6859, 20.8521],
    [106.6903, 20.8475],
    [106.693, 20.8433],
    [106.697, 20.835],
    [106.699, 20.8283],
  ],
};

const FLOODED: Readonly<Record<string, Course>> = {
  'lach-tray': [
    [106.689, 20.8489],
    [106.6912, 20.8463],
  ],
  'to-hieu': [
    [106.6783, 20.8502],
    [106.6816, 20.8512],
  ],
  'minh-khai': [
    [106.6838, 20.8608],
    [106.6871, 20.8598],
  ],
  'le-lai': [
    [106.7013, 20.8604],
    [106.7045, 20.8614],
  ],
  'ng-binh-khiem': [
    [106.7141, 20.8506],
    [106.7165, 20.8529],
  ],
  'van-cao': [
    [106.7009, 20.837],
    [106.7022, 20.834],
  ],
  'hung-vuong': [
    [106.6384, 20.8712],
    [106.6415, 20.8697],
  ],
  'tran-t-ngo': [
    [106.6292, 20.8081],
    [106.6267, 20.8059],
  ],
  'cat-ba-1-4': [
    [107.0455, 20.7273],
    [107.0487, 20.7261],
  ],
  'cat-hai': [
    [106.8823, 20.7979],
    [106.8855, 20.7967],
  ],
};

const courseOf = (courses: Readonly<Record<string, Course>>, slug: string): readonly Location[] | undefined =>
  courses[slug]?.map(([longitude, latitude]) => at(longitude, latitude));

export const roadCourse = (slug: string): readonly Location[] | undefined => courseOf(ROADS, slug);
export const floodedCourse = (slug: string): readonly Location[] | undefined => courseOf(FLOODED, slug);

/** Beside its customers a line keeps this far, in degrees: the last piece of the way is theirs. */
const ASIDE_DEGREES = 0.0011;

/**
 * A plausible course of what feeds several places one after the other, from its beginning: along the grid of streets, past each of them. Nearest first,
 * from where the line has come to.
 */
export function coursePast(begin: Location, places: readonly Location[]): readonly Location[] {
  const path = [begin];
  const left = [...places];
  for (let from = begin; left.length > 0; ) {
    const distance = ({ longitude, latitude }: Location): number =>
      Math.hypot(longitude - from.longitude, latitude - from.latitude);
    left.sort((a, b) => distance(a) - distance(b));
    const next = left.shift() as Location;
    const end = at(next.longitude, next.latitude + (next.latitude > from.latitude ? -ASIDE_DEGREES : ASIDE_DEGREES));
    path.push(at(from.longitude, end.latitude), end);
    from = end;
  }
  return path;
}
