// The console's own behaviour: keys, menus, dialogs, forms that keep what was typed, times that stay true. Every page works without it.
(() => {
  const tsunagi = (window.tsunagi = window.tsunagi ?? {});
  const ja = document.documentElement.lang === 'ja';
  tsunagi.number = (value) => Number(value).toLocaleString('en-US');

  // Keys: / search, j and k (or arrows) walk the rows of a table, Escape closes what is open.
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (event.key === 'Escape') {
      closeMenus();
      found()?.replaceChildren();
      if (location.hash === '#side') location.hash = '#main';
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/') {
      event.preventDefault();
      const search = document.getElementById('search');
      search?.focus();
      search?.select();
    } else if (event.key === 'j' || event.key === 'k' || ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && event.target.closest('table.data'))) {
      const links = [...document.querySelectorAll('table.data tbody tr a:first-of-type')].filter((link, i, all) => all.findIndex((other) => other.closest('tr') === link.closest('tr')) === i);
      const at = links.findIndex((link) => link.closest('tr').contains(document.activeElement));
      const next = links[event.key === 'j' || event.key === 'ArrowDown' ? at + 1 : Math.max(0, at - 1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });

  // The search box's list.
  const found = () => document.getElementById('search-found');
  document.addEventListener('keydown', (event) => {
    if (event.target.id !== 'search' || !['ArrowDown', 'ArrowUp', 'Enter'].includes(event.key)) return;
    const options = [...found().querySelectorAll('[role=option]')];
    const at = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    if (event.key === 'Enter') {
      if (at >= 0) { event.preventDefault(); options[at].click(); }
      return;
    }
    event.preventDefault();
    const next = options[(at + (event.key === 'ArrowDown' ? 1 : options.length - 1 + (at < 0 ? 1 : 0))) % options.length];
    options.forEach((option) => option.setAttribute('aria-selected', option === next));
    if (next) event.target.setAttribute('aria-activedescendant', next.id);
  });
  document.addEventListener('htmx:afterSwap', (event) => {
    if (event.target.id === 'search-found') document.getElementById('search').setAttribute('aria-expanded', event.target.childElementCount > 0);
  });

  document.addEventListener('click', (event) => {
    const target = event.target;
    closeMenus(target.closest?.('details.menu'));
    if (!target.closest?.('.search')) found()?.replaceChildren();

    const opener = target.closest?.('[data-dialog]');
    if (opener) { event.preventDefault(); document.getElementById(opener.dataset.dialog)?.showModal(); return; }
    const closer = target.closest?.('[data-close]');
    if (closer) { closer.closest('dialog')?.close(); return; }
    if (target.tagName === 'DIALOG') { target.close(); return; }
    target.closest?.('[data-dismiss]')?.parentElement.remove();

    const copy = target.closest?.('[data-copy]');
    if (copy) { navigator.clipboard?.writeText(copy.dataset.copy); copy.classList.add('copied'); setTimeout(() => copy.classList.remove('copied'), 1200); return; }

    const exporting = target.closest?.('[data-export]');
    if (exporting) exporting.href = document.getElementById(exporting.dataset.export)?.dataset.href ?? exporting.href;

    const row = target.closest?.('tr[data-href]');
    if (row && !target.closest('a, button, input, label, select, details') && getSelection().isCollapsed) {
      if (event.ctrlKey || event.metaKey) open(row.dataset.href); else location.href = row.dataset.href;
    }
  });

  function closeMenus(except) {
    for (const menu of document.querySelectorAll('details.menu[open]')) if (menu !== except) menu.open = false;
  }

  // Forms of acts: sent in the background, so that errors come back beside their fields and nothing typed is lost.
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches?.('form[data-act]')) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = 'yes';
    const body = new FormData(form, event.submitter); // before its button is disabled: a disabled one says nothing
    const buttons = form.querySelectorAll('button[type=submit]');
    buttons.forEach((button) => (button.disabled = true));
    clearErrors(form);
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { 'X-Tsunagi-Act': '1', Accept: 'application/json' } });
      const result = answer.headers.get('content-type')?.includes('json') ? await answer.json() : null;
      if (answer.ok && result?.href) {
        if (result.href.split('#')[0] === location.pathname + location.search) location.reload(); else location.href = result.href;
        return;
      }
      showErrors(form, result?.errors ?? { '': [ja ? '処理できませんでした。もう一度お試しください。' : 'That did not work. Please try again.'] });
    } catch {
      showErrors(form, { '': [ja ? 'サーバーに接続できません。' : 'The server cannot be reached.'] });
    }
    delete form.dataset.busy;
    buttons.forEach((button) => (button.disabled = false));
  });

  function clearErrors(form) {
    form.querySelectorAll('.is-invalid').forEach((input) => { input.classList.remove('is-invalid'); input.removeAttribute('aria-invalid'); });
    form.querySelectorAll('.field-error').forEach((place) => (place.textContent = ''));
    const whole = form.querySelector('.form-errors');
    whole.hidden = true;
    whole.textContent = '';
  }

  function showErrors(form, errors) {
    const rest = [];
    for (const [name, sentences] of Object.entries(errors)) {
      const field = name && form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (!field) { rest.push(...sentences); continue; }
      field.querySelector('.field-error').textContent = sentences.join(' ');
      const input = field.querySelector('input, select, textarea');
      input?.classList.add('is-invalid');
      input?.setAttribute('aria-invalid', 'true');
    }
    if (rest.length > 0) {
      const whole = form.querySelector('.form-errors');
      whole.textContent = rest.join(' ');
      whole.hidden = false;
    }
    form.querySelector('[aria-invalid=true]')?.focus();
  }

  // Times: the words follow the clock.
  function ago(milliseconds) {
    const seconds = Math.floor((Date.now() - milliseconds) / 1000);
    const far = Math.abs(seconds);
    if (far < 5) return ja ? 'たった今' : 'just now';
    const [count, en, jp] = far < 60 ? [far, 's', '秒'] : far < 3600 ? [far / 60, 'min', '分'] : far < 86400 ? [far / 3600, 'h', '時間'] : far < 5184000 ? [far / 86400, 'd', '日'] : far < 63072000 ? [far / 2592000, 'mo', 'か月'] : [far / 31536000, 'y', '年'];
    const whole = Math.floor(count);
    return ja ? `${whole}${jp}${seconds >= 0 ? '前' : '後'}` : seconds >= 0 ? `${whole} ${en} ago` : `in ${whole} ${en}`;
  }
  setInterval(() => {
    for (const time of document.querySelectorAll('time[data-ago]')) time.textContent = ago(Number(time.dataset.ago));
  }, 10000);

  // A part of a page that could not be read again says so, once.
  function note(text) {
    const notes = document.getElementById('toasts');
    if (!notes || notes.textContent.includes(text)) return;
    const item = document.createElement('div');
    item.className = 'toast-note tone-bad';
    item.textContent = text;
    notes.append(item);
    setTimeout(() => item.remove(), 6000);
  }
  document.addEventListener('htmx:responseError', (event) => event.detail.xhr.status !== 401 && note(ja ? '表示を更新できませんでした。' : 'This part could not be read again.'));
  document.addEventListener('htmx:sendError', () => note(ja ? 'サーバーに接続できません。' : 'The server cannot be reached.'));

  // What follows a page or a swapped region.
  const ready = (root) => tsunagi.charts?.(root);
  document.addEventListener('DOMContentLoaded', () => {
    ready(document);
    for (const note of document.querySelectorAll('.toast-note.tone-good')) setTimeout(() => note.remove(), 6000);
    if (location.hash === '#side') location.replace('#main');
  });
  document.addEventListener('htmx:afterSettle', () => ready(document));
  document.addEventListener('htmx:beforeRequest', (event) => event.detail.target?.setAttribute?.('aria-busy', 'true'));
})();
