using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
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
            415 => ProblemWriter.WriteAsync(context, 415, "body.media-type", "the body must be application/json"),
            var other => ProblemWriter.WriteAsync(context, other, "request.failed", ApiProblem.TitleOf(other)),
        };
    }

    private static Task TellBadRequestAsync(HttpContext context, BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
        {
            return ProblemWriter.WriteAsync(context, OfJson(json));
        }

        if (bad.StatusCode is 413)
        {
            return ProblemWriter.WriteAsync(context, 413, "body.too-large", "the request body is larger than this endpoint takes");
        }

        if (bad.StatusCode is 415)
        {
            return ProblemWriter.WriteAsync(context, 415, "body.media-type", "the body must be application/json");
        }

        // "Failed to bind parameter "Nullable<int> Limit" from "abc"." and "Required parameter "string q" was not provided from query string."
        if (Parameter().Match(bad.Message) is { Success: true } parameter)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Groups["name"].Value);
            var missing = bad.Message.StartsWith("Required", StringComparison.Ordinal);
            var body = bad.Message.Contains("from body", StringComparison.Ordinal);
            return ProblemWriter.WriteAsync(context, missing && body
                ? Refusal.Invalid("body.missing", "", "the request has no body", "a JSON object")
                : Refusal.Invalid(missing ? "field.missing" : "field.type", name, missing ? $"{name} is missing" : $"{name} is not readable", TypeInWords(parameter.Groups["type"].Value)));
        }

        return ProblemWriter.WriteAsync(context, bad.StatusCode, "request.unreadable", "the request is not readable");
    }

    private static Refusal OfJson(JsonException json)
    {
        var path = json.Path is ['$', '.', .. var member] ? member : "";
        if (UnknownMember().Match(json.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups["name"].Value;
            var full = path.Length == 0 || path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? (path.Length == 0 ? name : path) : $"{path}.{name}";
            return Refusal.Invalid("field.unknown", full, $"{full} is not known here", "the members named in /api/v1/openapi.json");
        }

        if (MissingMembers().Match(json.Message) is { Success: true } missing)
        {
            var first = missing.Groups["name"].Captures[0].Value;
            var all = string.Join(", ", missing.Groups["name"].Captures.Select(capture => capture.Value));
            return Refusal.Invalid("field.missing", path.Length == 0 ? first : $"{path}.{first}", $"missing: {all}", "a value");
        }

        if (json.Message.Contains("duplicate", StringComparison.OrdinalIgnoreCase))
        {
            return Refusal.Invalid("field.twice", path, "a member stands twice in the same object", "each member once");
        }

        if (TargetType().Match(json.Message) is { Success: true } target)
        {
            var allowed = TypeInWords(target.Groups["type"].Value);
            return Refusal.Invalid("field.type", path, $"{(path.Length == 0 ? "the body" : path)} has the wrong type or value", allowed);
        }

        return json.Message.Contains("null", StringComparison.Ordinal) && path.Length > 0
            ? Refusal.Invalid("field.missing", path, $"{path} must not be null", "a value")
            : Refusal.Invalid("body.json", path, $"the body is not JSON at line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}", "a JSON object");
    }

    private static string TypeInWords(string type)
    {
        var name = type[(type.LastIndexOf('.') + 1)..].Replace("Nullable<", "", StringComparison.Ordinal).Trim('>', ']', '?', '`', '1', '[');
        return name switch
        {
            "Int32" or "Int64" or "int" or "long" or "Int16" or "short" => "a whole number",
            "Double" or "double" or "Decimal" or "decimal" => "a number",
            "Boolean" or "bool" => "true or false",
            "String" or "string" => "a text",
            "time" => "a time such as 2026-07-01T12:00:00Z",
            _ when EnumWords(type) is { } words => words,
            _ => type.Contains("List", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) ? "a list" : "an object",
        };
    }

    private static string? EnumWords(string type)
    {
        var found = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name?.StartsWith("Tsunagi", StringComparison.OrdinalIgnoreCase) == true)
            .Select(assembly => assembly.GetType(type))
            .FirstOrDefault(each => each is { IsEnum: true });
        return found is null ? null : string.Join(", ", Enum.GetNames(found).Select(JsonNamingPolicy.CamelCase.ConvertName));
    }

    [GeneratedRegex("""arameter "(?<type>[^ "]+) (?<name>\w+)" """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Parameter();

    [GeneratedRegex("The JSON property '(?<name>[^']+)' could not be mapped", RegexOptions.ExplicitCapture)]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties including: ('(?<name>[^']+)'[;,]? ?)+", RegexOptions.ExplicitCapture)]
    private static partial Regex MissingMembers();

    [GeneratedRegex(@"could not be converted to (a )?(?<type>[^ ]+?)\.( |$)", RegexOptions.ExplicitCapture)]
    private static partial Regex TargetType();

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "answering {Method} {Path} failed")]
    private static partial void LogFault(ILogger log, string method, PathString path, Exception fault);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "answering {Path}: the store is away")]
    private static partial void LogStoreAway(ILogger log, PathString path, Exception fault);
}
