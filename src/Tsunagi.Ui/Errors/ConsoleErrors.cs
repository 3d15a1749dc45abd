using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;

namespace Tsunagi.Ui.Errors;

/// <summary>Pages for what fails outside the API: a status without a body, or an exception. No stack trace reaches a browser.</summary>
public static class ConsoleErrors
{
    /// <summary>Put it early: before routing and sign-in, whose failures it shows too.</summary>
    public static void UseConsoleErrors(this IApplicationBuilder app) => app.UseWhen(IsPage, static pages =>
    {
        pages.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static failure => failure is StoreUnavailableException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
            ExceptionHandler = static http => ShowAsync(http, http.Response.StatusCode),
        });
        pages.UseStatusCodePages(static context => ShowAsync(context.HttpContext, context.HttpContext.Response.StatusCode));
    });

    private static bool IsPage(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !http.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase) && http.Request.Path.Value is not ("/healthz" or "/readyz" or "/metrics");

    // In a scope of its own: the renderer of the page that failed has used the request's.
    private static async Task ShowAsync(HttpContext http, int status)
    {
        var services = http.RequestServices;
        await using var scope = services.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        http.Response.Headers.Remove("blazor-enhanced-nav");
        try
        {
            await new RazorComponentResult<ErrorDocument>(new { Status = status }) { StatusCode = status }.ExecuteAsync(http);
        }
        finally
        {
            http.RequestServices = services;
        }
    }
}
