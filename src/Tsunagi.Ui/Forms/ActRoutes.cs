using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Serving;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Ui.Forms;

/// <summary>
/// Routes for the console's forms. (1) The antiforgery token is checked, (2) the permission, (3) the act runs; (4) a browser with script gets
/// JSON (where to go, or errors by field) and keeps what was typed, one without gets a redirect and a notice.
/// </summary>
public static class ActRoutes
{
    private const string ScriptHeader = "X-Tsunagi-Act";

    /// <param name="permission">What the caller must be allowed; null: being signed in is enough.</param>
    public static void MapAct(this IEndpointRouteBuilder routes, string pattern, string? permission, Func<Act, ValueTask<ActResult>> run) =>
        Map(routes, pattern, permission, run).WithMetadata(new RequiresAttribute());

    /// <summary>A form of the pages before sign-in.</summary>
    public static void MapOpenAct(this IEndpointRouteBuilder routes, string pattern, Func<Act, ValueTask<ActResult>> run) => Map(routes, pattern, null, run).AllowsAnyone();

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string pattern, string? permission, Func<Act, ValueTask<ActResult>> run) =>
        routes.MapPost(pattern, (RequestDelegate)(async http => await (await RunAsync(http, permission, run)).ExecuteAsync(http))).ExcludeFromDescription().DisableAntiforgery();

    private static async Task<IResult> RunAsync(HttpContext http, string? permission, Func<Act, ValueTask<ActResult>> run)
    {
        var view = http.RequestServices.GetRequiredService<ConsoleView>();

        // :: Step 1: antiforgery.
        try
        {
            await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            return Refuse(http, view, new Dictionary<string, string[]> { [""] = [$"{view[UiTexts.Expired]}. {view[UiTexts.ExpiredHint]}"] }, StatusCodes.Status400BadRequest);
        }

        // :: Step 2: permission.
        if (permission is not null && !view.May(permission))
        {
            return Refuse(http, view, new Dictionary<string, string[]> { [""] = [view.Say(UiTexts.NotAllowedHint, permission)] }, StatusCodes.Status403Forbidden);
        }

        // :: Step 3: the act.
        var act = new Act(http, await http.Request.ReadFormAsync(http.RequestAborted), view);
        ActResult result;
        try
        {
            result = await run(act);
        }
        catch (StoreUnavailableException)
        {
            return Refuse(http, view, new Dictionary<string, string[]> { [""] = [view[UiTexts.Unavailable]] }, StatusCodes.Status503ServiceUnavailable);
        }

        // :: Step 4: the answer.
        if (result.Errors is { } errors)
        {
            // Without script there is no form to go back to: the page of the thing is missing too.
            return result.IsMissing && !WithScript(http)
                ? Results.StatusCode(StatusCodes.Status404NotFound)
                : Refuse(http, view, errors, result.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status422UnprocessableEntity);
        }

        if (result.Toast is { } toast)
        {
            Flash.Set(http, toast, bad: false);
        }

        return WithScript(http) ? Results.Json(new { href = result.Href }) : new SeeOther(result.Href!);
    }

    private static IResult Refuse(HttpContext http, ConsoleView view, IReadOnlyDictionary<string, string[]> errors, int status)
    {
        if (WithScript(http))
        {
            return Results.Json(new { errors }, statusCode: status);
        }

        Flash.Set(http, string.Join(' ', errors.SelectMany(static pair => pair.Value.Select(text => pair.Key.Length == 0 ? text : $"{pair.Key}: {text}"))), bad: true);
        var back = http.Request.Headers.Referer.ToString();
        return new SeeOther(Uri.TryCreate(back, UriKind.Absolute, out var from) && from.Authority == http.Request.Host.Value ? from.PathAndQuery : view.Path);
    }

    private static bool WithScript(HttpContext http) => http.Request.Headers.ContainsKey(ScriptHeader);

    /// <summary>303: the browser goes on by GET. Only to a path of our own.</summary>
    private sealed class SeeOther(string href) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = href.StartsWith('/') && !href.StartsWith("//", StringComparison.Ordinal) ? AsciiPath.Of(href) : "/console";
            return Task.CompletedTask;
        }
    }
}
