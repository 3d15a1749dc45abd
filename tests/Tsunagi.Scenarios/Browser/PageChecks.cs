using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>What every page must have, asked in the browser: names for all controls, no sideways scroll, contrast, one heading, search in reach.</summary>
public static class PageChecks
{
    private const string Script = """
        () => {
          const wrong = [];
          const shown = (el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && el.getClientRects().length > 0;
          const say = (el) => el.outerHTML.slice(0, 120).replace(/\s+/g, ' ');
          const nameOf = (el) => {
            const by = el.getAttribute('aria-labelledby');
            return (el.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent) || [...(el.labels ?? [])].map((l) => l.textContent).join(' ') || el.textContent || el.getAttribute('title') || el.querySelector?.('[aria-label]')?.getAttribute('aria-label') || '').trim();
          };
          for (const el of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
            if (shown(el) && !el.getAttribute('aria-label') && !el.getAttribute('aria-labelledby') && !(el.labels?.length)) wrong.push('field without label: ' + say(el));
          }
          for (const el of document.querySelectorAll('a[href], button, summary')) {
            if (shown(el) && !nameOf(el)) wrong.push('control without name: ' + say(el));
          }
          const ids = [...document.querySelectorAll('[id]')].map((el) => el.id);
          for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push('id twice: ' + id);
          const heads = [...document.querySelectorAll('h1')].filter(shown).length;
          if (heads !== 1) wrong.push(heads + ' visible h1');
          if (!document.title) wrong.push('no title');
          if (!document.documentElement.lang) wrong.push('no lang');
          if (document.querySelector('[style]:not(.uplot):not(.uplot *)')) wrong.push('style attribute: ' + say(document.querySelector('[style]:not(.uplot):not(.uplot *)')));
          if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${innerWidth}`);

          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          // A page has few colours and a thousand words: each colour is painted and read once, the ground of each element looked for once.
          const once = (of) => { const known = new Map(); return (key) => { if (!known.has(key)) known.set(key, of(key)); return known.get(key); }; };
          const rgba = once((colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; });
          const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
          const light = (c) => { const f = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
          const ground = once((el) => { const own = rgba(getComputedStyle(el).backgroundColor); return own[3] === 1 ? own : over(own, el.parentElement ? ground(el.parentElement) : [255, 255, 255, 1]); });
          const seen = new Set();
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const el = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !el || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION'].includes(el.tagName) || !shown(el) || el.closest(':disabled, [aria-hidden=true], .visually-hidden, .skip')) continue;
            const style = getComputedStyle(el);
            const back = ground(el);
            const text = over(rgba(style.color), back);
            const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
            if (ratio < (large ? 3 : 4.5)) {
              const key = el.className + style.color;
              if (!seen.has(key)) { seen.add(key); wrong.push(`contrast ${ratio.toFixed(2)}: ${say(el)}`); }
            }
          }
          return wrong;
        }
        """;

    public static async Task<IReadOnlyList<string>> FindAsync(IPage page) => await page.EvaluateAsync<string[]>(Script);

    /// <summary>How many times Tab is pressed from the top until the search box has the focus, or null when it is not reached in ten.</summary>
    public static async Task<int?> TabsToSearchAsync(IPage page)
    {
        await page.EvaluateAsync("() => { document.activeElement?.blur(); getSelection().removeAllRanges(); document.body.focus(); }");
        for (var presses = 1; presses <= 40; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("() => document.activeElement?.id ?? ''") == "search")
            {
                return presses;
            }
        }

        return null;
    }
}
