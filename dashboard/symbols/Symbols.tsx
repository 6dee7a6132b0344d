import type { CSSProperties } from 'react';
import type { PointState } from '../../domain/point-state.ts';
import { BADGE_PATHS, GLYPH_PATHS, type GlyphName, STATE_SHAPES } from './paths.ts';

/** A domain's glyph in the current text colour. Decorative: the word stands beside it or in the parent's label. */
export function Glyph({ name, size = 16 }: { name: GlyphName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" style={{ flex: 'none' }}>
      <path d={GLYPH_PATHS[name]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}

const COLOUR: Readonly<Record<PointState, string>> = {
  critical: 'var(--hd-critical)',
  major: 'var(--hd-major)',
  minor: 'var(--hd-minor)',
  notice: 'var(--hd-notice)',
  unknown: 'var(--hd-unknown)',
  shelved: 'var(--hd-unknown)',
  maintenance: 'var(--hd-unknown)',
  out_of_service: 'var(--hd-unknown)',
  cut_off: 'var(--hd-unknown)',
  normal: 'var(--hd-text-2)',
};

/**
 * A state by colour and shape, with the domain's glyph inside when one is given. Decorative: the state's word stands beside it or in
 * the parent's label.
 */
export function StateMark({ state, glyph, size = 16 }: { state: PointState; glyph?: GlyphName; size?: number }) {
  const shape = STATE_SHAPES[state];
  const colour = COLOUR[state];
  const style: CSSProperties = { flex: 'none', overflow: 'visible' };
  const inside = shape.glyph;
  const scale = inside.size / 24;
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" style={style}>
      {state === 'normal' ? null : shape.style === 'filled' ? (
        <path d={shape.path} fill={colour} strokeLinejoin="round" />
      ) : (
        <path
          d={shape.path}
          fill="none"
          stroke={colour}
          strokeWidth={2.2}
          {...(shape.style === 'dashed' ? { strokeDasharray: '4.8 3.2' } : {})}
        />
      )}
      {glyph ? (
        <path
          d={GLYPH_PATHS[glyph]}
          fill={shape.style === 'filled' ? 'var(--hd-on-severity)' : colour}
          fillRule="evenodd"
          transform={
            state === 'normal'
              ? 'translate(2 2) scale(0.8333)'
              : `translate(${inside.x - inside.size / 2} ${inside.y - inside.size / 2}) scale(${scale})`
          }
        />
      ) : state === 'normal' ? (
        <circle cx="12" cy="12" r="4" fill={colour} />
      ) : null}
      {shape.badge ? (
        <path
          d={BADGE_PATHS[shape.badge]}
          fill={colour}
          fillRule="evenodd"
          transform={glyph ? 'translate(13 13) scale(0.48)' : 'translate(5.5 5.5) scale(0.54)'}
        />
      ) : null}
    </svg>
  );
}
