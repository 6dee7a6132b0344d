/// <reference types="vite/client" />

// The package types only its barrel, which takes seconds to load in development; each icon's own file is imported instead.
declare module '@tabler/icons-react/dist/esm/icons/*.mjs' {
  import type { Icon } from '@tabler/icons-react';

  const icon: Icon;
  export default icon;
}
