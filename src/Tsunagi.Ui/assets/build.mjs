// Copies what the console uses of the installed packages to ../wwwroot/vendor: the parts of Tabler named below, uPlot, htmx, the font and
// the icons of icons.txt as one text file. Run by Tsunagi.Ui.csproj after `npm ci`.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const packages = new URL('./node_modules/', import.meta.url);
const vendor = new URL('../wwwroot/vendor/', import.meta.url);
mkdirSync(vendor, { recursive: true });

// A rule stays when every class of its selector belongs to one of these families; the rest of Tabler (three quarters) never reaches a browser.
const kept = new RegExp(
  '^(?:' +
    [
      'alert(-.*)?', 'avatar(-.*)?', 'badge(-.*)?', 'breadcrumb(-.*)?', 'btn(-.*)?', 'btn-check', 'card(-.*)?', 'container(-.*)?', 'col(-.*)?', 'row(-.*)?', 'g[xy]?-\\d',
      'form-(?!fieldset|imagecheck|colorinput|floating|range).*', 'input-group.*', 'input-icon.*', 'invalid-feedback', 'valid-feedback', 'is-invalid', 'is-valid', 'was-validated',
      'table(-.*)?', 'page-(?!wrapper-full).*', 'nav(-tabs|-item|-link|-underline)?', 'active', 'disabled', 'show', 'fade', 'collapsed', 'kbd',
      'd-(?!print).*', 'flex-(?!sm|xl|xxl).*', 'align-(items|self)-(?!sm|xl).*', 'justify-content-(?!sm|xl).*', '[mp][tbsexy]?-(?!sm|xl|xxl).*', 'gap-\\d', 'w-100', 'h-100',
      'text-(?!bg-|.*-fg|sm|xl).*', 'fw-.*', 'font-monospace', 'subheader', 'h[1-6]', 'small', 'lead', 'list-(?!group-horizontal).*', 'datagrid.*', 'empty(-.*)?',
      'visually-hidden.*', 'link-(?!.*-\\d).*', 'position-(relative|absolute|static|sticky)', 'overflow-(auto|hidden)', 'border(-0|-top|-bottom)?', 'rounded(-\\d|-circle)?', 'icon(-.*)?', 'markdown', 'hr(-.*)?', 'spinner-border.*', 'progress(-.*)?', 'status(-dot|-green|-red|-orange|-blue)?', 'dropdown-(item|divider|header)',
    ].join('|') +
    ')$',
);

writeFileSync(new URL('tabler.css', vendor), keepUsed(read('@tabler/core/dist/css/tabler.min.css')));
copyFileSync(new URL('uplot/dist/uPlot.min.css', packages), new URL('uplot.css', vendor));
copyFileSync(new URL('uplot/dist/uPlot.iife.min.js', packages), new URL('uplot.js', vendor));
copyFileSync(new URL('htmx.org/dist/htmx.min.js', packages), new URL('htmx.js', vendor));
copyFileSync(new URL('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2', packages), new URL('inter.woff2', vendor));
writeFileSync(new URL('icons.txt', vendor), icons());

function read(path) {
  return readFileSync(new URL(path, packages), 'utf8');
}

// One line an icon: its name, a tab, the shapes of its 24 × 24 drawing.
function icons() {
  const names = readFileSync(new URL('./icons.txt', import.meta.url), 'utf8').split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  const lines = [...new Set(names)].sort().map((name) => {
    const shapes = read(`@tabler/icons/icons/outline/${name}.svg`).match(/<(path|circle|rect|line|polyline|ellipse)\b[^>]*\/>/g);
    return `${name}\t${shapes.filter((shape) => !shape.includes('stroke="none"')).join('')}`;
  });
  return lines.join('\n') + '\n';
}

function keepUsed(css) {
  let out = '';
  for (const block of blocks(css.replace(/\/\*.*?\*\//gs, ''))) {
    if (block.head.startsWith('@media') || block.head.startsWith('@supports')) {
      const inner = keepUsed(block.body);
      out += inner && `${block.head}{${inner}}`;
    } else if (block.head.startsWith('@')) {
      out += block.body === null ? '' : `${block.head}{${block.body}}`;
    } else {
      const selectors = block.head.split(/,(?![^(]*\))/).filter(isUsed);
      out += selectors.length > 0 ? `${selectors.join(',')}{${block.body}}` : '';
    }
  }
  return out;
}

function isUsed(selector) {
  return [...selector.matchAll(/\.((?:[\w-]|\\.)+)/g)].every((match) => kept.test(match[1].replaceAll('\\', '')));
}

function* blocks(css) {
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf('{', at);
    const semicolon = css.indexOf(';', at);
    if (semicolon >= 0 && (open < 0 || semicolon < open)) {
      yield { head: css.slice(at, semicolon).trim(), body: null };
      at = semicolon + 1;
      continue;
    }
    if (open < 0) {
      return;
    }
    let end = open + 1;
    for (let depth = 1; depth > 0; end++) {
      depth += css[end] === '{' ? 1 : css[end] === '}' ? -1 : 0;
    }
    yield { head: css.slice(at, open).trim(), body: css.slice(open + 1, end - 1) };
    at = end;
  }
}
