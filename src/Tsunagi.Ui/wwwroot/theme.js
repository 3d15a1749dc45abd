// Before the first paint: dark or light as the reader chose, or as the device says.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme === 'auto') {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      root.dataset.bsTheme = dark.matches ? 'dark' : 'light';
      document.dispatchEvent(new Event('tsunagi:theme'));
    };
    dark.addEventListener('change', apply);
    apply();
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`tsunagi.zone=${zone}`)) {
    document.cookie = `tsunagi.zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
})();
