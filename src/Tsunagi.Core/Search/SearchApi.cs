using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Search;

/// <summary>/api/v1/search: the one search box.</summary>
public static class SearchApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/search", FindAsync).RequiresSignIn().WithTags("Search").WithName("search")
            .WithSummary("Any identifier: address, Message-ID, IP, prefix, domain, customer, id");

    private static async Task<ApiResult<Page<SearchHit>>> FindAsync(HttpContext http, SearchBox box, [Required] string? q, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(q) || q.Length > SearchBox.MaxLength
            ? Refusal.Invalid("search.text", "q", "the text is empty or too long", $"1 to {SearchBox.MaxLength} characters")
            : new Page<SearchHit>(await box.FindAsync(http.GetCaller(), q, cancellationToken), null);
}
