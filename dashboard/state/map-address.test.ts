import { describe, expect, it } from 'vitest';
import { readView, writeView } from './map-address.ts';

describe("the map's view in the address", () => {
  it('comes back as it was written, to ten metres', () => {
    const text = writeView({ longitude: 106.681234, latitude: 20.844321, zoom: 12.44 });
    expect(text).toBe('106.6812,20.8443,12.4');
    expect(readView(text)).toEqual({ longitude: 106.6812, latitude: 20.8443, zoom: 12.4 });
  });

  it.each([undefined, '', 'x,y,z', '106,20', '106,20,12,5', '200,20,12', '106,95,12', '106,20,99'])(
    'is left alone when it reads "%s"',
    (text) => expect(readView(text)).toBeNull(),
  );
});
