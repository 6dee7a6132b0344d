const WIDTH = 240;
const HEIGHT = 32;

/** A quiet line of how it went, from zero up; gaps where nothing is known. `values`: oldest first, at least two. */
export function Sparkline({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const most = Math.max(...values.map((value) => value ?? 0)) || 1;
  const x = (i: number): string => ((i / (values.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1);
  const path = values
    .map((value, i) => (value === null ? '' : `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${x(i)} ${y(value)}`))
    .join('');
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} className="sparkline-base" />
      <path d={path} className="sparkline-line" />
    </svg>
  );
}
