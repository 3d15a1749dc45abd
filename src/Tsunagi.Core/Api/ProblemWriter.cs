using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Writes a problem as the whole answer.</summary>
public static class ProblemWriter
{
    public static Task WriteAsync(HttpContext context, Refusal refusal, IReadOnlyList<ApiFieldError>? errors = null) =>
        WriteAsync(context, ApiProblem.From(refusal, Correlation.Of(context), errors));

    internal static Task WriteAsync(HttpContext context, int status, string code, string detail) =>
        WriteAsync(context, ApiProblem.From(status, code, detail, Correlation.Of(context)));

    private static Task WriteAsync(HttpContext context, ApiProblem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.Headers.CacheControl = "no-store";
        if (problem.CurrentVersion is { } version)
        {
            response.Headers.ETag = EntityTag.Of(version);
        }

        if (problem.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110 section 15.5.2: a 401 names a scheme.
            response.Headers.WWWAuthenticate = "Bearer";
        }

        return response.WriteAsJsonAsync(problem, ApiJson.Options, ApiProblem.ContentType, context.RequestAborted);
    }
}
