import { describe, expect, it } from 'vitest';
import type { CityPlaces } from '../../domain/city-places.ts';
import { stateRank } from '../../domain/point-state.ts';
import { CLUSTER_SIZES } from '../symbols/canvas.ts';
import { layOut, mercatorX, mercatorY } from './point-layout.ts';
import { createPointScene } from './point-scene.ts';
import { RECTANGLE_NUMBERS, type SpriteAtlas, sprite } from './sprite-atlas.ts';

const [CRITICAL, MAJOR, NORMAL] = [stateRank('critical'), stateRank('major'), stateRank('normal')];
/** Every sprite has a rectangle of its own, so that another sprite is another batch. */
const atlas: SpriteAtlas = {
  canvas: null as never,
  rectangles: Float32Array.from({ length: RECTANGLE_NUMBERS * 512 }, (_, i) => i),
  advance: () => 7,
};
/** Of a batch's data, where its first sprite's place in the picture begins: in this atlas it tells the sprite. */
const PICTURE_LEFT = 4;
const HERE = { longitude: 106.69, latitude: 20.84 };
const box = (degrees: number) => ({
  west: mercatorX(HERE.longitude - degrees),
  east: mercatorX(HERE.longitude + degrees),
  north: mercatorY(HERE.latitude + degrees),
  south: mercatorY(HERE.latitude - degrees),
});
/** Three points next to one another, and one far away. */
const places: CityPlaces = {
  epoch: 'test',
  assets: '',
  agencies: [],
  length: 4,
  number: Int32Array.of(0, 1, 2, 3),
  longitude: Float64Array.of(106.69, 106.6904, 106.6908, 107.4),
  latitude: Float64Array.of(20.84, 20.84, 20.84, 21.2),
  domain: new Uint8Array(4),
  agency: new Uint16Array(4),
};
const layout = layOut(places);
const content = (ranks: readonly number[]) => ({
  layout,
  ranks: Uint8Array.from(ranks),
  filter: null,
  selected: null,
  isCovered: false,
});
const hitHere = (scene: ReturnType<typeof createPointScene>, zoom: number) =>
  scene.at(mercatorX(106.6904), mercatorY(20.84), 2, 512 * 2 ** zoom, 1);

describe('the scene of points', () => {
  it('lets a cluster be pointed at between a change of states and the frame that draws it', () => {
    const scene = createPointScene();
    scene.show(content([NORMAL, NORMAL, NORMAL, NORMAL]));
    scene.prepare(box(0.05), 11, atlas);
    scene.show(content([NORMAL, CRITICAL, NORMAL, NORMAL]));
    expect(hitHere(scene, 11)).toMatchObject({ kind: 'cluster', count: 3 });
  });

  it('draws anew when the state of what is in view is another', () => {
    const scene = createPointScene();
    scene.show(content([NORMAL, NORMAL, NORMAL, NORMAL]));
    const before = scene.prepare(box(0.05), 11, atlas);
    scene.show(content([NORMAL, CRITICAL, NORMAL, NORMAL]));
    expect(scene.prepare(box(0.05), 11, atlas)).not.toBe(before);
    expect(hitHere(scene, 11)).toMatchObject({ kind: 'cluster', count: 3 });
  });

  it.each([
    { it: 'lies outside the view', next: [NORMAL, NORMAL, NORMAL, CRITICAL] },
    { it: 'is the same as before', next: [NORMAL, NORMAL, NORMAL, NORMAL] },
  ])('needs no other frame for a change of states that $it', ({ next }) => {
    const scene = createPointScene();
    scene.show(content([NORMAL, NORMAL, NORMAL, NORMAL]));
    const before = scene.prepare(box(0.05), 11, atlas);
    scene.show(content(next));
    expect(scene.prepare(box(0.05), 11, atlas)).toBe(before);
  });

  it('draws a single point by its own state close to it', () => {
    const scene = createPointScene();
    scene.show(content([NORMAL, MAJOR, NORMAL, NORMAL]));
    const before = scene.prepare(box(0.002), 16, atlas);
    expect(scene.at(mercatorX(106.6904), mercatorY(20.84), 2, 512 * 2 ** 16, 1)).toEqual({ kind: 'point', index: 1 });
    scene.show(content([NORMAL, CRITICAL, NORMAL, NORMAL]));
    expect(scene.prepare(box(0.002), 16, atlas)).not.toBe(before);
  });

  it('gives a cluster the size that its words fit into', () => {
    // As many in alarm of as many each time: only the width of their digits differs.
    const spriteOf = (advance: number): number => {
      const scene = createPointScene();
      scene.show(content([NORMAL, MAJOR, NORMAL, NORMAL]));
      scene.prepare(box(0.05), 11, { ...atlas, advance: () => advance });
      return Math.floor((scene.batch()?.data[PICTURE_LEFT] as number) / RECTANGLE_NUMBERS);
    };
    expect(spriteOf(7)).toBe(sprite.cluster(MAJOR, 0));
    expect(spriteOf(11)).toBe(sprite.cluster(MAJOR, 2));
    expect(spriteOf(99)).toBe(sprite.cluster(MAJOR, CLUSTER_SIZES.length - 1));
  });

  it('takes a point that is there no longer off the map', () => {
    const scene = createPointScene();
    scene.show(content([NORMAL, NORMAL, NORMAL, NORMAL]));
    scene.prepare(box(0.002), 16, atlas);
    const drawn = scene.batch()?.length ?? 0;
    scene.show(content([NORMAL, 255, NORMAL, NORMAL]));
    scene.prepare(box(0.002), 16, atlas);
    expect(scene.batch()?.length).toBe(drawn - 1);
  });
});
