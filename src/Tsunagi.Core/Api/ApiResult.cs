using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>
/// What a handler returns: the thing asked for, or why not. Both convert implicitly, and so does an <see cref="Outcome{T}"/>; OpenAPI learns the type from
/// the handler's signature. A version becomes the answer's ETag. What was made just now is an
/// <see cref="ApiCreated{T}"/>.
/// <code>
/// static async Task&lt;ApiResult&lt;Tenant&gt;&gt; ChangeAsync(string id, TenantChange change, IfMatch ifMatch, …) =&gt;
///     ApiResult.From(await tenants.ChangeAsync(caller, id, change, ifMatch.Version, ct), tenant =&gt; tenant.Version);
/// </code>
/// </summary>
public sealed class ApiResult<T> : IResult, IEndpointMetadataProvider
{
    private readonly T? _value;
    private readonly Refusal? _refusal;
    private readonly long? _version;
    private readonly string? _location;

    internal ApiResult(T? value, Refusal? refusal, long? version, string? location)
    {
        _value = value;
        _refusal = refusal;
        _version = version;
        _location = location;
    }

    public static implicit operator ApiResult<T>(T value) => new(value, null, null, null);

    public static implicit operator ApiResult<T>(Refusal refusal) => new(default, refusal, null, null);

    public static implicit operator ApiResult<T>(Outcome<T> outcome) => new(outcome.Value, outcome.Refusal, null, null);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_refusal is not null)
        {
            return ProblemWriter.WriteAsync(httpContext, _refusal);
        }

        var response = httpContext.Response;
        response.Headers.CacheControl = "no-store";
        if (_version is { } version)
        {
            response.Headers.ETag = EntityTag.Of(version);
        }

        if (_location is not null)
        {
            response.StatusCode = StatusCodes.Status201Created;
            response.Headers.Location = _location;
        }

        return response.WriteAsJsonAsync(_value, ApiJson.Options, "application/json", httpContext.RequestAborted);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ApiProblem), [ApiProblem.ContentType]));
    }
}

/// <summary>Makes <see cref="ApiResult{T}"/>s that carry a version or a location.</summary>
public static class ApiResult
{
    public static ApiResult<T> From<T>(Outcome<T> outcome, Func<T, long> version) =>
        outcome.Ok ? new ApiResult<T>(outcome.Value, null, version(outcome.Value), null) : outcome.Refusal;

    /// <summary>201 with the thing and where it is now.</summary>
    public static ApiCreated<T> Created<T>(Outcome<T> outcome, Func<T, string> location, Func<T, long>? version = null) =>
        outcome.Ok ? new ApiCreated<T>(new ApiResult<T>(outcome.Value, null, version?.Invoke(outcome.Value), location(outcome.Value))) : outcome.Refusal;

    /// <summary>200 with the thing, or 404 when the caller cannot see one.</summary>
    public static ApiResult<T> Found<T>(T? thing, string what, string id, Func<T, long>? version = null)
        where T : class => thing is null ? Refusal.NotFound(what, id) : new ApiResult<T>(thing, null, version?.Invoke(thing), null);
}

/// <summary>What a handler returns when there is nothing to say but "done": 204, or why not.</summary>
public sealed class ApiDone : IResult, IEndpointMetadataProvider
{
    public static readonly ApiDone Instance = new(null);
    private readonly Refusal? _refusal;

    private ApiDone(Refusal? refusal) => _refusal = refusal;

    public static implicit operator ApiDone(Refusal refusal) => new(refusal);

    public static ApiDone From<T>(Outcome<T> outcome) => outcome.Ok ? Instance : new ApiDone(outcome.Refusal);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_refusal is not null)
        {
            return ProblemWriter.WriteAsync(httpContext, _refusal);
        }

        httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent, typeof(void)));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ApiProblem), [ApiProblem.ContentType]));
    }
}
