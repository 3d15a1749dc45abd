using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Tsunagi.Core.Api;

/// <summary>The name of one request: the trace id, so that logs, traces and what the customer reads say the same.</summary>
public static class Correlation
{
    public const string Header = "X-Correlation-Id";

    public static string Of(HttpContext context) =>
        (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpActivityFeature>()?.Activity ?? Activity.Current) is { } activity
            ? activity.TraceId.ToHexString()
            : context.TraceIdentifier;
}
