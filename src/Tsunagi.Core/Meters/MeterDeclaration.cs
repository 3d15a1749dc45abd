using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Meters;

/// <summary>A declared quantity ("mail.messages", "{message}"): what may be billed or promised. SLA indicators are meters too.</summary>
/// <param name="Unit">UCUM as OpenTelemetry writes it: "{message}", "By", "s".</param>
public sealed record MeterDeclaration(string Name, MeterKind Kind, string Unit, LocalizedText Meaning);

/// <summary>How samples of a meter become the quantity of a period.</summary>
public enum MeterKind
{
    Sum,
    Gauge,
    Peak,
    P95,
    Distinct,
}
