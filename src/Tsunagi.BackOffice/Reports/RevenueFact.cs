using System.Runtime.InteropServices;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Reports;

/// <summary>Revenue of one month in one category: a sum over issued lines.</summary>
/// <param name="Category">Null for amounts put on a bill by hand under none.</param>
/// <param name="IsGuessed">The lines were issued before they carried a category: they are counted in that of their specification, and as recurring.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RevenueFact(int Month, OfferingCategory? Category, bool IsRecurring, bool IsGuessed, long AmountMinor);
