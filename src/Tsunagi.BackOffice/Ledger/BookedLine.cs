using Tsunagi.BackOffice.Invoices;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>A document's line with how much of its amount is not revenue yet; below zero where it takes back what was not earned.</summary>
internal readonly record struct BookedLine(LineRow Line, long DeferredMinor)
{
    public long RevenueMinor => checked(Line.AmountMinor - DeferredMinor);
}
