namespace Tsunagi.Core.Outcomes;

/// <summary>
/// Why a request of a person or a program was not carried out: a value, not an exception. The API prints it as problem+json, the console beside
/// the field, the CLI with exit code 2.
/// </summary>
/// <param name="Code">Stable word for programs ("tenant.name.too-long").</param>
/// <param name="Message">One sentence for people: what was wrong with what.</param>
/// <param name="Field">The member of the request, in JSON spelling, or null.</param>
/// <param name="Allowed">What would be accepted ("1 to 200 characters"), or null.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Message, string? Field = null, string? Allowed = null)
{
    /// <summary>The thing's version now, when it was changed meanwhile.</summary>
    public long? CurrentVersion { get; init; }

    /// <summary>When to try again, where that is known.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static Refusal NotFound(string what, string id) => new(RefusalKind.NotFound, "not-found", $"there is no {what} {id}, or it is not yours to see");

    public static Refusal Invalid(string code, string field, string message, string? allowed = null) => new(RefusalKind.Invalid, code, message, field, allowed);

    public static Refusal Conflict(string code, string message, string? field = null) => new(RefusalKind.Conflict, code, message, field);

    public static Refusal Stale(long current) => new(
        RefusalKind.PreconditionFailed, "version.stale", $"someone changed it meanwhile: it is at version {current} now; read it again and repeat your change")
    {
        CurrentVersion = current,
    };

    public static Refusal Forbidden(string permission) => new(RefusalKind.Forbidden, "permission.missing", $"this needs the permission {permission}", null, permission);
}

/// <summary>What a refusal means to a program: the HTTP status follows from it.</summary>
public enum RefusalKind
{
    Invalid,
    NotFound,
    NotSignedIn,
    Forbidden,
    Conflict,
    PreconditionFailed,
    TooMany,
    Unavailable,
}
