using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Search;

/// <summary>A module's part of the one search box. Called with every search, in parallel, with a deadline; must be scoped by the caller.</summary>
public interface ISearchSource
{
    /// <param name="text">Trimmed, 1 to 320 characters.</param>
    ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken);
}

/// <summary>One thing found.</summary>
/// <param name="Kind">"message", "tenant", "subscription": the group on the page.</param>
/// <param name="Href">The page it lands on.</param>
/// <param name="Exact">True when the text names exactly this thing: a single exact hit is opened at once.</param>
public sealed record SearchHit(string Kind, string Id, string Title, string Detail, string Href, bool Exact);
