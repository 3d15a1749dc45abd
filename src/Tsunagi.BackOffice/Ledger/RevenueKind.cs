using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>What kind of revenue a line and its posting are, kept with both when they are issued: a plan that moves to another category changes nothing of before.</summary>
/// <param name="Category">A category's word; null of an amount by hand that names none, and of what was issued before lines carried it.</param>
/// <param name="Nature">"recurring" or "once"; null of what was issued before lines carried it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RevenueKind(string? Category, string? Nature)
{
    public const string Recurring = "recurring";
    public const string Once = "once";
}
