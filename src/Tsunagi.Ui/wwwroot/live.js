// Live figures and regions: data-live-text="topic:key" shows a value, data-live-refresh="topic" reads its region again, charts and
// sparklines grow.
(() => {
  const worker = document.querySelector('meta[name=tsunagi-live]')?.content;
  const state = document.querySelector('[data-live-state]');
  const refreshEvery = 1500;
  const due = new Map();
  let port = null;
  let direct = null;

  function topics() {
    const wanted = new Set();
    for (const el of document.querySelectorAll('[data-live-text], [data-spark], [data-live-refresh], [data-live-key]')) {
      for (const name of [el.dataset.liveText, el.dataset.spark, el.dataset.liveKey]) {
        if (name) wanted.add(name.slice(0, name.lastIndexOf(':')));
      }
      if (el.dataset.liveRefresh) wanted.add(el.dataset.liveRefresh);
    }
    return [...wanted];
  }

  function hear(topic, text) {
    if (topic === 'reset') {
      for (const region of document.querySelectorAll('[data-live-refresh]')) refresh(region);
      return;
    }
    for (const region of document.querySelectorAll(`[data-live-refresh="${CSS.escape(topic)}"]`)) refresh(region);
    let figures;
    try { figures = JSON.parse(text); } catch { return; }
    for (const el of document.querySelectorAll('[data-live-text]')) {
      const [name, key] = split(el.dataset.liveText);
      if (name === topic && key in figures) {
        const value = figures[key];
        el.textContent = typeof value === 'object' ? value.text : window.tsunagi.number(value);
      }
    }
    window.tsunagi.grow(topic, figures, split);
  }

  function split(name) {
    const at = name.lastIndexOf(':');
    return [name.slice(0, at), name.slice(at + 1)];
  }

  // A region is read again at most every 1.5 s, never while the reader has it in hand (a dialog open, text selected, focus inside).
  function refresh(region) {
    if (due.has(region.id)) return;
    due.set(region.id, setTimeout(() => {
      due.delete(region.id);
      const now = document.getElementById(region.id);
      if (!now || document.hidden || document.querySelector('dialog[open]') || now.contains(document.activeElement) || !getSelection().isCollapsed) return;
      htmx.ajax('GET', location.pathname + location.search, { target: now, select: `#${region.id}`, swap: 'outerHTML' });
    }, refreshEvery));
  }

  // Regions that are read again by the clock: data-refresh-every="20" (seconds).
  const readAt = new WeakMap();
  setInterval(() => {
    for (const region of document.querySelectorAll('[data-refresh-every]')) {
      if (!readAt.has(region)) readAt.set(region, Date.now());
      if (Date.now() - readAt.get(region) >= Number(region.dataset.refreshEvery) * 1000) { readAt.set(region, Date.now()); refresh(region); }
    }
  }, 2000);

  function show(on) {
    if (!state) return;
    state.dataset.state = on ? 'on' : 'off';
    state.textContent = on ? state.dataset.on : state.dataset.off;
  }

  function listen() {
    const wanted = topics();
    if (wanted.length === 0 && !port) return;
    if (window.SharedWorker && worker) {
      if (!port) {
        port = new SharedWorker(worker, { name: 'tsunagi-live' }).port;
        port.onmessage = (message) => (message.data.state ? show(message.data.state === 'on') : hear(message.data.topic, message.data.data));
        addEventListener('pagehide', () => port.postMessage({ bye: true }));
        addEventListener('pageshow', (event) => event.persisted && port.postMessage({ topics: topics() }));
      }
      port.postMessage({ topics: wanted });
      return;
    }
    direct?.close();
    direct = new EventSource(`/console/live?topics=${encodeURIComponent(wanted.join(','))}`);
    direct.onopen = () => show(true);
    direct.onerror = () => show(false);
    for (const topic of [...wanted, 'reset']) direct.addEventListener(topic, (event) => hear(topic, event.data));
  }

  if (worker) {
    listen();
    document.addEventListener('htmx:afterSettle', listen);
  }
})();
