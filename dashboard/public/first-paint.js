// Runs before the first paint, so that a remembered choice of light or dark never flashes, and the page speaks its language from the start.
// A file of its own, because the content security policy allows no inline scripts.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const chosen = read('hd.colour-scheme');
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  document.documentElement.lang = read('hd.language') === 'en' ? 'en' : 'vi';
})();
