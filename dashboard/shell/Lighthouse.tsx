/** The platform's mark. */
export function Lighthouse({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M13.2 12h5.600l1.7 14h-9z" fill="var(--hd-text)" />
      <path d="M12.4 18h7.200l.35 3H12z" fill="var(--hd-accent)" />
      <path d="M12.5 9.5 16 6l3.5 3.500V12h-7z" fill="var(--hd-accent)" />
      <path d="M10.5 9.8 3 7.200v5.200zM21.5 9.8 29 7.200v5.200z" fill="var(--hd-accent)" opacity="0.55" />
    </svg>
  );
}
