using System.Diagnostics.Metrics;
using Tsunagi.Host.Telemetry;

namespace Tsunagi.Tests.Host;

public sealed class Prometheus_text : IDisposable
{
    private readonly string _name = "Tsunagi.Test" + Guid.NewGuid().ToString("N");
    private readonly Meter _meter;
    private readonly PrometheusText _text;

    public Prometheus_text()
    {
        _meter = new Meter(_name);
        _text = new PrometheusText();
    }

    [Fact]
    public void Counters_are_summed_by_label_and_end_in_total()
    {
        var counter = _meter.CreateCounter<long>("tsunagi.test.things", "{thing}", "Things");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(5, new KeyValuePair<string, object?>("kind", "quo\"te\n"));

        var lines = Lines("tsunagi_test_things");

        Assert.Contains("# TYPE tsunagi_test_things_total counter", lines);
        Assert.Contains("tsunagi_test_things_total{kind=\"a\"} 5", lines);
        Assert.Contains("tsunagi_test_things_total{kind=\"quo\\\"te\\n\"} 5", lines);
    }

    [Fact]
    public void Histograms_fill_cumulative_buckets()
    {
        var histogram = _meter.CreateHistogram<double>("tsunagi.test.wait", "s", "Waiting");
        histogram.Record(0.002);
        histogram.Record(0.2);
        histogram.Record(1000);

        var lines = Lines("tsunagi_test_wait");

        Assert.Contains("tsunagi_test_wait_seconds_bucket{le=\"0.001\"} 0", lines);
        Assert.Contains("tsunagi_test_wait_seconds_bucket{le=\"0.0025\"} 1", lines);
        Assert.Contains("tsunagi_test_wait_seconds_bucket{le=\"0.25\"} 2", lines);
        Assert.Contains("tsunagi_test_wait_seconds_bucket{le=\"300\"} 2", lines);
        Assert.Contains("tsunagi_test_wait_seconds_bucket{le=\"+Inf\"} 3", lines);
        Assert.Contains("tsunagi_test_wait_seconds_count 3", lines);
    }

    [Fact]
    public void Gauges_keep_the_last_value_and_observables_are_asked()
    {
        var now = 7L;
        _meter.CreateObservableGauge("tsunagi.test.depth", () => now);
        Assert.Contains("tsunagi_test_depth 7", Lines("tsunagi_test_depth"));

        now = 4;

        Assert.Contains("tsunagi_test_depth 4", Lines("tsunagi_test_depth"));
    }

    [Fact]
    public void Series_are_bounded_and_what_is_beyond_is_counted()
    {
        var counter = _meter.CreateCounter<long>("tsunagi.test.flood");
        for (var i = 0; i < PrometheusText.MaxSeries + 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        var refused = Lines("tsunagi_metric_series_refused_total").Last();

        Assert.True(long.Parse(refused.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) >= 10, refused);
    }

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    private List<string> Lines(string prefix) =>
        [.. _text.Write().Split('\n').Where(line => line.Contains(prefix, StringComparison.Ordinal))];
}
