// Charts over time (uPlot) from data-chart, in the colours of the theme; live values are appended.
(() => {
  const charts = new Set();
  const tsunagi = (window.tsunagi = window.tsunagi ?? {});
  const longest = 720;

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function write(value, unit) {
    if (value === null || value === undefined) return '–';
    if (unit === 'Percent') return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}%`;
    if (unit === 'Seconds') return value < 1 ? `${Math.round(value * 1000)} ms` : `${+value.toFixed(1)} s`;
    const names = unit === 'Bytes' ? ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] : unit === 'BitsPerSecond' ? ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] : null;
    if (!names) return tsunagi.number(+value.toFixed(value < 10 ? 1 : 0));
    let at = 0;
    while (Math.abs(value) >= 1000 && at < names.length - 1) { value /= 1000; at++; }
    return `${+value.toFixed(1)} ${names[at]}`;
  }

  function draw(figure) {
    const spec = JSON.parse(figure.dataset.chart);
    const chart = { figure, spec, x: spec.x, values: spec.lines.map((line) => line.values), plot: null };
    figure.dataset.liveKey = spec.lines.find((line) => line.live)?.live ?? '';
    if (!figure.dataset.liveKey) delete figure.dataset.liveKey;
    build(chart);
    charts.add(chart);
    new ResizeObserver(() => chart.plot?.setSize({ width: width(figure), height: height(figure) })).observe(figure);
  }

  const width = (figure) => figure.clientWidth - 20;

  // An opaque tint: stacked areas lie over one another and must not mix.
  function mix(colour, ground, share) {
    const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const [a, b] = [parts(colour), parts(ground)];
    return `rgb(${a.map((value, i) => Math.round(value * share + b[i] * (1 - share))).join(' ')})`;
  }

  const height = (figure) => Number(figure.dataset.height);

  function stacked(chart) {
    const sums = chart.x.map(() => 0);
    return chart.values.map((values) => values.map((value, i) => (sums[i] += value ?? 0))).reverse();
  }

  function build(chart) {
    const { spec, figure } = chart;
    chart.plot?.destroy();
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: css('--ts-muted'), grid: { stroke: css('--ts-grid'), width: 1 }, ticks: { show: false }, font };
    const lines = spec.lines.map((line) => {
      const colour = css(`--ts-chart-${line.colour}`);
      return {
        label: line.label,
        stroke: colour,
        width: spec.bars ? 0 : 1.75,
        fill: spec.bars ? colour : spec.stacked ? mix(colour, css('--ts-surface'), 0.34) : spec.lines.length === 1 ? mix(colour, css('--ts-surface'), 0.13) : undefined,
        paths: spec.bars ? uPlot.paths.bars({ size: [0.72, 24], radius: 0.15 }) : uPlot.paths.spline?.() ?? undefined,
        points: { show: false },
        value: (plot, value, series, i) => (i === null ? '–' : write(spec.stacked ? chart.values[spec.stacked ? spec.lines.length - series : series - 1][i] : value, spec.unit)),
      };
    });
    const time = new Intl.DateTimeFormat(spec.locale === 'ja' ? 'ja-JP' : 'en-GB', { timeZone: spec.zone, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
    chart.plot = new uPlot(
      {
        width: width(figure),
        height: height(figure),
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), spec.zone),
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { size: 7 } },
        legend: { live: true },
        scales: { x: { range: (plot, low, high) => (spec.bars && chart.x.length > 1 ? [low - (chart.x[1] - chart.x[0]) / 2, high + (chart.x[1] - chart.x[0]) / 2] : [low, high]) }, y: { range: (plot, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.12 : 1] } },
        axes: [
          { ...axis, size: 30, space: 70, values: [
            [86400, spec.locale === 'ja' ? '{M}/{D}' : '{D} {MMM}', null, null, null, null, null, null, 1],
            [3600, '{HH}:{mm}', null, null, null, null, null, null, 1],
            [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
            [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
          ] },
          { ...axis, size: 58, values: (plot, ticks) => ticks.map((tick) => write(tick, spec.unit)) },
        ],
        series: [{ label: spec.locale === 'ja' ? '時刻' : 'Time', value: (plot, seconds) => (seconds === null ? '–' : time.format(new Date(seconds * 1000))) }, ...(spec.stacked ? lines.reverse() : lines)],
      },
      [chart.x, ...(spec.stacked ? stacked(chart) : chart.values)],
      figure,
    );
  }

  // A live message adds one moment to every chart and sparkline that shows its topic.
  tsunagi.grow = (topic, figures, split) => {
    const now = figures.at ?? Date.now() / 1000;
    for (const chart of charts) {
      if (!chart.figure.isConnected) { charts.delete(chart); continue; }
      const keys = chart.spec.lines.map((line) => (line.live ? split(line.live) : null));
      if (!keys.some((key) => key && key[0] === topic && key[1] in figures) || chart.x.at(-1) >= now) continue;
      chart.x.push(now);
      chart.values.forEach((values, i) => values.push(keys[i] && keys[i][1] in figures ? plain(figures[keys[i][1]]) : null));
      while (chart.x.length > longest) { chart.x.shift(); chart.values.forEach((values) => values.shift()); }
      chart.plot.setData([chart.x, ...(chart.spec.stacked ? stacked(chart) : chart.values)]);
    }
    for (const spark of document.querySelectorAll('[data-spark]')) {
      if (!spark.dataset.spark) continue;
      const [name, key] = split(spark.dataset.spark);
      if (name !== topic || !(key in figures)) continue;
      const values = spark.dataset.values.split(',').map(Number).slice(1);
      values.push(plain(figures[key]));
      spark.dataset.values = values.join(',');
      const high = Math.max(...values, 1e-9);
      const low = Math.min(...values, 0);
      const line = values.map((value, i) => `${i ? 'L' : 'M'}${((100 * i) / (values.length - 1)).toFixed(2)} ${(30 - (28 * (value - low)) / (high - low)).toFixed(2)}`).join('');
      spark.querySelector('.spark-line').setAttribute('d', line);
      spark.querySelector('.spark-area').setAttribute('d', `${line}L100 32L0 32Z`);
    }
  };

  const plain = (value) => (typeof value === 'object' && value !== null ? value.value : value);

  tsunagi.charts = (root) => {
    for (const figure of root.querySelectorAll('[data-chart]')) {
      if (!figure.dataset.drawn) { figure.dataset.drawn = 'yes'; draw(figure); }
    }
  };
  document.addEventListener('tsunagi:theme', () => charts.forEach(build));
})();
