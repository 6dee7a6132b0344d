import { readFileSync, writeFileSync } from 'node:fs';

/** xorshift32 from a seed ≠ 0: the same damage each time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

export interface Damage {
  readonly what: string;
  readonly bytes: Buffer;
}

/** What disks and copies do to files: cut short somewhere, one bit flipped, a sector gone, all gone. */
export function damagesTo(path: string, count: number, random: () => number): Damage[] {
  const whole = readFileSync(path);
  const at = (share: number) => Math.floor(random() * whole.length * share);
  const kinds: readonly (() => Damage)[] = [
    () => {
      const length = at(1);
      return { what: `cut to ${length} of ${whole.length} bytes`, bytes: whole.subarray(0, length) };
    },
    () => {
      const bytes = Buffer.from(whole);
      const place = at(1);
      bytes[place]! ^= 1 << Math.floor(random() * 8);
      return { what: `a bit flipped at ${place}`, bytes };
    },
    () => {
      const bytes = Buffer.from(whole);
      // Where the structure is: the first pages.
      const place = at(0.1);
      bytes[place]! ^= 1 << Math.floor(random() * 8);
      return { what: `a bit flipped near the beginning, at ${place}`, bytes };
    },
    () => {
      const bytes = Buffer.from(whole);
      const place = Math.floor(at(1) / 512) * 512;
      bytes.fill(0, place, Math.min(place + 512, bytes.length));
      return { what: `a sector of zeros at ${place}`, bytes };
    },
  ];
  const damages = Array.from({ length: count }, (_, i) => kinds[i % kinds.length]!());
  return [{ what: 'emptied', bytes: Buffer.alloc(0) }, ...damages];
}

export function overwrite(path: string, bytes: Buffer): void {
  writeFileSync(path, bytes);
}
