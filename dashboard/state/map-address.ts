/** Where the map looks, as it stands in the page's address: `106.6812,20.8443,12.4`. */
export interface AddressView {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

export const writeView = (view: AddressView): string =>
  `${view.longitude.toFixed(4)},${view.latitude.toFixed(4)},${view.zoom.toFixed(1)}`;

/** `null` for anything that is not three numbers within the world. */
export function readView(text: string | undefined): AddressView | null {
  const [longitude, latitude, zoom, ...rest] = (text ?? '').split(',').map(Number);
  if (rest.length > 0 || longitude === undefined || latitude === undefined || zoom === undefined) return null;
  const valid = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 && zoom >= 0 && zoom <= 24;
  return valid ? { longitude, latitude, zoom } : null;
}
