using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Reports;

/// <summary>Which issued lines a figure is the sum of.</summary>
/// <param name="Basis">One of <see cref="ReportBasis"/>'s words.</param>
/// <param name="Category">A category's word, or "none"; all without it.</param>
/// <param name="Nature">"recurring" or "once"; both without it.</param>
/// <param name="Service">The specification ("mail.gateway"); all without it.</param>
internal sealed record LineQuestion(MonthSpan Span, string Basis, string Currency, string? Category = null, string? Nature = null, string? Account = null, string? Service = null)
{
    public const string NoCategory = "none";

    /// <summary>As a query of the API and of the page.</summary>
    public string Query => ApiCalls.WithQuery(
        "", [("from", Span.From), ("to", Span.To), ("basis", Basis), ("currency", Currency), ("category", Category), ("nature", Nature), ("account", Account), ("service", Service)]);
}

/// <summary>Which month a line is counted in.</summary>
internal static class ReportBasis
{
    /// <summary>That of the invoice's date: as the ledger has it.</summary>
    public const string Booked = "booked";

    /// <summary>That which the line pays for.</summary>
    public const string Service = "service";
}
