using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Search;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console.Finding;

/// <summary>GET /console/search/suggest?q=: what the search box lists while one types.</summary>
internal static class SuggestRoute
{
    private const int ShortestText = 2;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/console/search/suggest", AnswerAsync).RequiresSignIn().ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(HttpContext http, ConsoleView view, SearchBox box, string? q)
    {
        var text = q?.Trim() ?? "";
        return text.Length < ShortestText
            ? Results.Content("", "text/html")
            : new RazorComponentResult<SearchSuggestions>(new { Hits = await box.FindAsync(view.Caller, text, http.RequestAborted) });
    }
}
