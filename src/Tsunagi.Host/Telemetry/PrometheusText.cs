using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Tsunagi.Host.Telemetry;

/// <summary>
/// Listens to the program's meters and writes them in the Prometheus text format 0.0.4. Counters and up-down counters are summed, gauges keep
/// their last value, histograms fill fixed buckets. At most <see cref="MaxSeries"/> series are kept; what is beyond is counted, not stored.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    public const int MaxSeries = 20_000;

    private static readonly double[] SecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    private static readonly double[] SizeBuckets = [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Series> _series = new();
    private readonly ConcurrentDictionary<Instrument, string> _names = new();
    private long _refused;

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Tsunagi", StringComparison.Ordinal) || instrument.Meter.Name is "System.Runtime" or "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((instrument, value, tags, _) => Take(instrument, (double)value, tags));
        _listener.Start();
    }

    /// <summary>All series as text, after asking the observable instruments.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _series.Values.GroupBy(static s => s.Name).OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            var first = family.First();
            text.Append("# HELP ").Append(family.Key).Append(' ').Append(Escape(first.Help)).Append('\n');
            text.Append("# TYPE ").Append(family.Key).Append(' ').Append(first.Type).Append('\n');
            foreach (var series in family.OrderBy(static s => s.Labels, StringComparer.Ordinal))
            {
                series.Write(text);
            }
        }

        text.Append("# TYPE tsunagi_metric_series_refused_total counter\ntsunagi_metric_series_refused_total ").Append(Interlocked.Read(ref _refused)).Append('\n');
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = _names.GetOrAdd(instrument, static i => NameOf(i));
        var labels = Labels(tags);
        var key = name + labels;
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MaxSeries)
            {
                Interlocked.Increment(ref _refused);
                return;
            }

            series = _series.GetOrAdd(key, _ => new Series(name, labels, TypeOf(instrument), instrument.Description ?? instrument.Name, instrument.Unit == "By" ? SizeBuckets : SecondsBuckets, IsSum(instrument)));
        }

        series.Take(value);
    }

    /// <summary>"tsunagi.mail.messages" in {message} is tsunagi_mail_messages_total; durations end in _seconds, sizes in _bytes.</summary>
    private static string NameOf(Instrument instrument)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var c in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        var suffix = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (suffix.Length > 0 && !name.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            name.Append(suffix);
        }

        return TypeOf(instrument) == "counter" ? name.Append("_total").ToString() : name.ToString();
    }

    private static string TypeOf(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        return type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : type.Contains("UpDown", StringComparison.Ordinal) || type.Contains("Gauge", StringComparison.Ordinal) ? "gauge"
            : "counter";
    }

    /// <summary>Synchronous counters give differences to be summed; observable ones give the sum itself.</summary>
    private static bool IsSum(Instrument instrument) => !instrument.IsObservable && !instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }

        var text = new StringBuilder("{");
        foreach (var (name, value) in tags)
        {
            if (text.Length > 1)
            {
                text.Append(',');
            }

            foreach (var c in name)
            {
                text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            }

            text.Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed class Series(string name, string labels, string type, string help, double[] bounds, bool sums)
    {
        private readonly Lock _lock = new();
        private readonly long[] _buckets = type == "histogram" ? new long[bounds.Length] : [];
        private double _value;
        private long _count;

        public string Name => name;

        public string Labels => labels;

        public string Type => type;

        public string Help => help;

        public void Take(double value)
        {
            lock (_lock)
            {
                _value = sums ? _value + value : value;
                _count++;
                for (var i = _buckets.Length - 1; i >= 0 && value <= bounds[i]; i--)
                {
                    _buckets[i]++;
                }
            }
        }

        public void Write(StringBuilder text)
        {
            lock (_lock)
            {
                if (type != "histogram")
                {
                    text.Append(name).Append(labels).Append(' ').Append(_value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
                    return;
                }

                for (var i = 0; i < bounds.Length; i++)
                {
                    Bucket(text, bounds[i].ToString("R", CultureInfo.InvariantCulture), _buckets[i]);
                }

                Bucket(text, "+Inf", _count);
                text.Append(name).Append("_sum").Append(labels).Append(' ').Append(_value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
                text.Append(name).Append("_count").Append(labels).Append(' ').Append(_count).Append('\n');
            }
        }

        private void Bucket(StringBuilder text, string bound, long count)
        {
            text.Append(name).Append("_bucket");
            text.Append(labels.Length == 0 ? "{" : labels[..^1] + ",").Append("le=\"").Append(bound).Append("\"} ").Append(count).Append('\n');
        }
    }
}
