using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Identity;

/// <summary>
/// Finds out who asks and lets him in or not. Runs after routing, for the API and the pages alike: (1) the endpoint's rule, without which it is closed;
/// (2) the caller, from the bearer token or else the session cookie; (3) a cookie's writing request must come from our own pages; (4) the permission.
/// </summary>
internal sealed partial class CallerMiddleware(RequestDelegate next, Callers callers, ILogger<CallerMiddleware> log)
{
    private const string Bearer = "Bearer ";
    private static readonly Refusal NotSignedIn = new(RefusalKind.NotSignedIn, "sign-in.needed", "sign in, or send an API token");
    private static readonly Refusal Foreign = new(RefusalKind.Forbidden, "request.foreign", "a writing request with a session cookie must come from this site's own pages");

    public async Task InvokeAsync(HttpContext context)
    {
        // What routing puts in the place of an endpoint ("405 Method Not Allowed", "415") answers by itself and shows nothing.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        // (1)
        var rule = endpoint.Metadata.GetMetadata<IAccessRule>();
        var anonymous = rule?.Anonymous ?? (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null);
        if (rule is null && !anonymous)
        {
            LogClosed(log, endpoint.DisplayName ?? context.Request.Path);
            await RefuseAsync(context, new Refusal(RefusalKind.Forbidden, "endpoint.closed", "this endpoint has no access rule and is closed"));
            return;
        }

        // (2)
        var (signedIn, byCookie) = await FindAsync(context);
        if (signedIn is not null)
        {
            context.SetCaller(signedIn);
        }

        if (anonymous)
        {
            await next(context);
            return;
        }

        if (signedIn is null)
        {
            await AskToSignInAsync(context);
        }
        else if (byCookie && IsForeignWrite(context.Request))
        {
            // (3)
            await RefuseAsync(context, Foreign);
        }
        else if (rule!.Permission is { } permission && !signedIn.Caller.May(permission))
        {
            // (4)
            await RefuseAsync(context, Refusal.Forbidden(permission));
        }
        else
        {
            await next(context);
        }
    }

    private async ValueTask<(SignedInCaller? Caller, bool ByCookie)> FindAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            // A wrong token is not made up for by a cookie: whoever sends one means it.
            return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? (await callers.FromTokenAsync(authorization[Bearer.Length..].Trim(), context.RequestAborted), false)
                : (null, false);
        }

        return SessionCookie.Read(context) is { } cookie ? (await callers.FromSessionAsync(cookie, context.RequestAborted), true) : (null, false);
    }

    // SameSite=Lax keeps other sites' forms out; this also keeps out what a browser sends from a sibling host (Fetch Metadata, and Origin before it).
    private static bool IsForeignWrite(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return false;
        }

        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return site is not ("same-origin" or "none");
        }

        return request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static Task AskToSignInAsync(HttpContext context)
    {
        if (IsApi(context))
        {
            return ProblemWriter.WriteAsync(context, NotSignedIn);
        }

        var here = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/";
        var target = "/sign-in?return=" + Uri.EscapeDataString(here);
        if (context.Request.Headers.ContainsKey("HX-Request"))
        {
            // A part of a page cannot be the sign-in page: the whole page goes there.
            context.Response.Headers["HX-Redirect"] = target;
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        context.Response.Redirect(target);
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (IsApi(context))
        {
            return ProblemWriter.WriteAsync(context, refusal);
        }

        // The console has a page for each status.
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "endpoint {Endpoint} has no access rule and is closed to everyone")]
    private static partial void LogClosed(ILogger log, string endpoint);
}
