using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>
/// What the API answers when it did not do what was asked: application/problem+json (RFC 9457). <c>code</c> is for programs and never changes,
/// <c>detail</c> is a sentence for people, <c>field</c> and <c>allowed</c> say which member of the request was wrong and what would be right.
/// </summary>
/// <param name="Type">"urn:tsunagi:problem:" and the code.</param>
/// <param name="Title">The HTTP status in words.</param>
/// <param name="Errors">Every wrong member, when there is more than one to tell; the first is repeated in field and allowed.</param>
/// <param name="Correlation">Names this request in the program's logs: what a customer tells support.</param>
/// <param name="CurrentVersion">The thing's version now, when a precondition failed.</param>
public sealed record ApiProblem(
    string Type, string Title, int Status, string Detail, string Code, string? Field, string? Allowed,
    IReadOnlyList<ApiFieldError>? Errors, string Correlation, long? CurrentVersion = null, int? RetryAfterSeconds = null)
{
    public const string ContentType = "application/problem+json";

    internal static ApiProblem From(Refusal refusal, string correlation, IReadOnlyList<ApiFieldError>? errors = null)
    {
        var status = StatusOf(refusal.Kind);
        return new ApiProblem(
            "urn:tsunagi:problem:" + refusal.Code, TitleOf(status), status, refusal.Message, refusal.Code, refusal.Field, refusal.Allowed, errors, correlation,
            refusal.CurrentVersion, refusal.RetryAfterSeconds);
    }

    internal static ApiProblem From(int status, string code, string detail, string correlation) => new(
        "urn:tsunagi:problem:" + code, TitleOf(status), status, detail, code, null, null, null, correlation);

    internal static string TitleOf(int status) => status switch
    {
        400 => "Bad request",
        401 => "Not signed in",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        406 => "Not acceptable",
        408 => "Request timeout",
        409 => "Conflict",
        411 => "Length required",
        412 => "Changed meanwhile",
        413 => "Request too large",
        415 => "Unsupported media type",
        429 => "Too many requests",
        503 => "Temporarily unavailable",
        _ => status >= 500 ? "Internal error" : "Request failed",
    };

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.NotSignedIn => 401,
        RefusalKind.Forbidden => 403,
        RefusalKind.NotFound => 404,
        RefusalKind.Conflict => 409,
        RefusalKind.PreconditionFailed => 412,
        RefusalKind.TooMany => 429,
        RefusalKind.Unavailable => 503,
        _ => 400,
    };
}

/// <summary>One wrong member of a request.</summary>
public sealed record ApiFieldError(string Field, string Code, string Detail, string? Allowed);
