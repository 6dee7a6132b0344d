/** The longest round length (1, 2 or 5 times a power of ten, metres) that is at most `mostPixels` long. */
export function roundScale(
  metresPerPixel: number,
  mostPixels: number,
): { readonly metres: number; readonly pixels: number } {
  const most = metresPerPixel * mostPixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = power * ([5, 2].find((times) => times * power <= most) ?? 1);
  return { metres, pixels: metres / metresPerPixel };
}
