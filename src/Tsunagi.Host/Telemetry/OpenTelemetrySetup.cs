using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tsunagi.Core.Nodes;
using Tsunagi.Host.Configuration;

namespace Tsunagi.Host.Telemetry;

/// <summary>Sends metrics and traces to the operator's collector by OTLP, when one is configured.</summary>
internal sealed class OpenTelemetrySetup : IDisposable
{
    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _tracer;

    public OpenTelemetrySetup(TelemetryOptions options, Node node)
    {
        if (options.Otlp.Length == 0)
        {
            return;
        }

        var endpoint = new Uri(options.Otlp);
        var resource = ResourceBuilder.CreateDefault().AddService("tsunagi", serviceInstanceId: node.Name);
        void Export(OtlpExporterOptions exporter) => exporter.Endpoint = endpoint;
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter("Tsunagi.*").AddOtlpExporter(Export).Build();
        _tracer = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Tsunagi.*").AddSource("Microsoft.AspNetCore")
            .SetSampler(new NodeSampler(options.TraceRatio)).AddOtlpExporter(Export).Build();
    }

    public void Dispose()
    {
        _meters?.Dispose();
        _tracer?.Dispose();
    }
}
