/** Many readers or one changer; a waiting changer goes before readers that come later. */
export interface Gate {
  reading<T>(work: () => Promise<T>): Promise<T>;
  changing<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let readers = 0;
  let changing = false;
  const waiting: { readonly kind: 'reading' | 'changing'; readonly go: () => void }[] = [];

  const admit = (): void => {
    while (waiting[0] !== undefined && !changing) {
      if (waiting[0].kind === 'changing') {
        if (readers > 0) return;
        changing = true;
      } else readers++;
      waiting.shift()!.go();
    }
  };
  const enter = (kind: 'reading' | 'changing'): Promise<void> =>
    new Promise((go) => {
      waiting.push({ kind, go });
      admit();
    });

  return {
    async reading(work) {
      await enter('reading');
      try {
        return await work();
      } finally {
        readers--;
        admit();
      }
    },
    async changing(work) {
      await enter('changing');
      try {
        return await work();
      } finally {
        changing = false;
        admit();
      }
    },
  };
}
