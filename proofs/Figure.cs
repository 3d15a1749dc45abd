using System.Globalization;

namespace Tsunagi.Proofs;

/// <summary>One measured number of a claim.</summary>
/// <param name="Subject">What was measured: "records/s at 64 writers".</param>
/// <param name="Measured">The number with its unit.</param>
/// <param name="Bar">The bar with its direction ("≥ 117,000/s"), or null for a number without one.</param>
/// <param name="Holds">Whether the bar is met; true without one.</param>
/// <param name="Peer">What the peer, or the machine itself, does; null when there is none.</param>
public sealed record Figure(string Subject, string Measured, string? Bar = null, bool Holds = true, string? Peer = null)
{
    public static Figure AtLeast(string subject, double measured, double bar, string format, string unit, string? peer = null) =>
        new(subject, Show(measured, format, unit), "≥ " + Show(bar, format, unit), measured >= bar, peer);

    public static Figure AtMost(string subject, double measured, double bar, string format, string unit, string? peer = null) =>
        new(subject, Show(measured, format, unit), "≤ " + Show(bar, format, unit), measured <= bar, peer);

    private static string Show(double value, string format, string unit) => value.ToString(format, CultureInfo.InvariantCulture) + unit;
}
