using OpenTelemetry.Trace;

namespace Tsunagi.Host.Telemetry;

/// <summary>
/// Which traces are sent. A request follows whoever asked it. A message has no asker: the spans of its way name it as their parent, and its id alone decides,
/// so that all of them are sent or none, over restarts and on every node.
/// </summary>
internal sealed class NodeSampler(double ratio) : Sampler
{
    private const string OfMessages = "mail.";
    private readonly TraceIdRatioBasedSampler _byId = new(ratio);
    private readonly ParentBasedSampler _byParent = new(new TraceIdRatioBasedSampler(ratio));

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Name.StartsWith(OfMessages, StringComparison.Ordinal) ? _byId.ShouldSample(samplingParameters) : _byParent.ShouldSample(samplingParameters);
}
