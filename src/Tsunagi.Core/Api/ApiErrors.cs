using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Api;

/// <summary>
/// The outermost layer of the API: gives every request its correlation id, turns whatever goes wrong below into a problem, and gives empty error
/// answers (no such route, wrong method) a body. No exception's text reaches the caller; the log has it under the same correlation id.
/// </summary>
internal sealed partial class ApiErrors(RequestDelegate next, ILogger<ApiErrors> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }

        var correlation = Correlation.Of(context);
        context.Response.Headers[Correlation.Header] = correlation;
        using var scope = log.BeginScope(new KeyValuePair<string, object>[] { new("correlation", correlation) });
        try
        {
            await next(context);
            await FillEmptyAsync(context);
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await TellBadRequestAsync(context, bad);
        }
        catch (StoreUnavailableException away) when (!context.Response.HasStarted)
        {
            LogStoreAway(log, context.Request.Path, away);
            await ProblemWriter.WriteAsync(context, new Refusal(RefusalKind.Unavailable, "store.unavailable", "the database does not answer; nothing was changed") { RetryAfterSeconds = 5 });
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception fault)
        {
            LogFault(log, context.Request.Method, context.Request.Path, fault);
            if (context.Response.HasStarted)
            {
                // Half an answer is out: only the broken connection can say that it is not whole.
                context.Abort();
                return;
            }

            context.Response.Clear();
            context.Response.Headers[Correlation.Header] = correlation;
            await ProblemWriter.WriteAsync(context, 500, "internal", $"the program failed; tell support the correlation {correlation}");
        }
    }

    private static Task FillEmptyAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null || response.ContentLength > 0)
        {
            return Task.CompletedTask;
        }

        return response.StatusCode switch
        {
            404 => ProblemWriter.WriteAsync(context, 404, "route.unknown", $"there is no {context.Request.Path}"),
            405 => ProblemWriter.WriteAsync(context, 405, "method.unknown", $"{context.Request.Path} does not take {context.Request.Method}"),
            413 => ProblemWriter.WriteAsync(context, 413, "body.too-large", "the request body is larger than this endpoint takes"),
            415 => ProblemWriter.WriteAsync(context, 415, "body.media-type", "the body must be application/json"),
            var other => ProblemWriter.WriteAsync(context, other, "request.failed", ApiProblem.TitleOf(other)),
        };
    }

    private static Task TellBadRequestAsync(HttpContext context, BadHttpRequestException bad) => bad switch
    {
        { InnerException: JsonException json } => ProblemWriter.WriteAsync(
            context, JsonRefusal.Of(json, context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType)),
        { StatusCode: 413 } => ProblemWriter.WriteAsync(context, 413, "body.too-large", "the request body is larger than this endpoint takes"),
        { StatusCode: 415 } => ProblemWriter.WriteAsync(context, 415, "body.media-type", "the body must be application/json"),
        _ when bad.Message.Contains("no body was provided", StringComparison.Ordinal) || bad.Message.Contains("from body", StringComparison.Ordinal) =>
            ProblemWriter.WriteAsync(context, Refusal.Invalid("body.missing", "", "the request has no body", "a JSON object")),
        _ when Parameter().Match(bad.Message) is { Success: true } parameter => ProblemWriter.WriteAsync(context, OfParameter(parameter, bad.Message)),
        _ => ProblemWriter.WriteAsync(context, bad.StatusCode, "request.unreadable", "the request is not readable"),
    };

    // 'Failed to bind parameter "Nullable<int> Limit" from "abc".' and 'Required parameter "string q" was not provided from query string.'
    private static Refusal OfParameter(Match parameter, string message)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Groups["name"].Value);
        var allowed = parameter.Groups["type"].Value.Replace("Nullable<", "", StringComparison.Ordinal).TrimEnd('>', '?') switch
        {
            "int" or "long" or "short" => "a whole number",
            "double" or "decimal" => "a number",
            "bool" => "true or false",
            _ => "a value",
        };
        return message.StartsWith("Required", StringComparison.Ordinal)
            ? Refusal.Invalid("field.missing", name, $"{name} is missing", allowed)
            : Refusal.Invalid("field.type", name, $"{name} is not readable", allowed);
    }

    [GeneratedRegex("""arameter "(?<type>[^ "]+) (?<name>\w+)[^\w]""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "answering {Method} {Path} failed")]
    private static partial void LogFault(ILogger log, string method, PathString path, Exception fault);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "answering {Path}: the store is away")]
    private static partial void LogStoreAway(ILogger log, PathString path, Exception fault);
}
