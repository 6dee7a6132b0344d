/** A day's course through 24 hourly values, straight between them and round midnight, scaled to mean 1. */
export interface DailyShape {
  /** Value at a local hour, 0 ≤ hour < 24. */
  at(hour: number): number;
  /** Integral from midnight to `hour`, in mean hours: 24 at hour 24. */
  integral(hour: number): number;
}

/** @param hourly 24 values at 00:00, 01:00 … 23:00, all ≥ 0. */
export function dailyShape(hourly: readonly number[]): DailyShape {
  if (hourly.length !== 24) throw new RangeError(`a daily shape has 24 values, not ${hourly.length}`);
  // Straight lines through the knots: the mean of the course is the mean of the knots.
  const mean = hourly.reduce((sum, value) => sum + value, 0) / 24;
  const knots = Float64Array.from({ length: 25 }, (_, i) => (hourly[i % 24] as number) / mean);
  const cumulative = new Float64Array(25);
  for (let i = 0; i < 24; i += 1)
    cumulative[i + 1] = (cumulative[i] as number) + ((knots[i] as number) + (knots[i + 1] as number)) / 2;
  return {
    at(hour) {
      const i = Math.min(23, Math.floor(hour));
      const a = knots[i] as number;
      return a + ((knots[i + 1] as number) - a) * (hour - i);
    },
    integral(hour) {
      const i = Math.min(23, Math.floor(hour));
      const x = hour - i;
      const a = knots[i] as number;
      return (cumulative[i] as number) + x * (a + (((knots[i + 1] as number) - a) * x) / 2);
    },
  };
}
