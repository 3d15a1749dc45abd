using System.Diagnostics.Metrics;

namespace Tsunagi.Core;

/// <summary>The one Meter of Core, "Tsunagi.Core".</summary>
internal static class CoreMetrics
{
    public static readonly Meter Meter = new("Tsunagi.Core");
}
