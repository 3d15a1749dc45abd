using System.Runtime.InteropServices;
using Tsunagi.BackOffice.Invoices;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>A document's line with what of its amount is not revenue yet, by the kind under which it is deferred; below zero where it takes back what was not earned.</summary>
internal readonly record struct BookedLine(LineRow Line, IReadOnlyList<DeferredPart> Deferred)
{
    public long RevenueMinor => checked(Line.AmountMinor - Deferred.Sum(static part => part.AmountMinor));

    /// <param name="deferredMinor">What of it is earned later.</param>
    public static BookedLine Of(LineRow line, long deferredMinor) => new(line, deferredMinor == 0 ? [] : [new DeferredPart(line.Revenue, line.Kind, deferredMinor)]);

    /// <summary>What it takes back leaves the liability under the kind it was deferred with: a plan may have moved to another category since.</summary>
    /// <param name="parts">With the sign of what was deferred.</param>
    public static BookedLine Taking(LineRow line, IReadOnlyList<DeferredPart> parts) => new(line, [.. parts.Select(static part => part with { AmountMinor = -part.AmountMinor })]);
}

/// <param name="Revenue">The specification that earns it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeferredPart(string Revenue, RevenueKind Kind, long AmountMinor);
