import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';

interface PlotPlan {
  readonly height: number;
  /** The plot is made anew when this is another: its lines and scales. */
  readonly shape: string;
  readonly options: (size: { readonly width: number; readonly height: number }, element: Element) => uPlot.Options;
  readonly columns: () => uPlot.AlignedData;
}

/**
 * The chart library's own object, made when size, colours or shape change, and drawn again when one of `drawn` is another. `options` are asked for
 * when it is made: what they draw they look up at every drawing.
 */
export function usePlot(
  box: RefObject<HTMLDivElement | null>,
  plan: PlotPlan,
  drawn: readonly unknown[],
): RefObject<uPlot | null> {
  const plot = useRef<uPlot | null>(null);
  const current = useRef(plan);
  current.current = plan;
  const scheme = useComputedColorScheme('dark');
  const [width, setWidth] = useState(0);

  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);

  const { height, shape } = plan;
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page, which changes with the scheme
  useEffect(() => {
    if (!box.current || width === 0) return;
    const { options, columns } = current.current;
    const made = new uPlot(options({ width, height }, box.current), columns(), box.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [box, width, height, scheme, shape]);

  useEffect(
    () => plot.current?.setData(current.current.columns()),
    // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn changes with these
    drawn,
  );
  return plot;
}
