using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>What a handler returns that makes a thing: 201 with the thing and its Location, or why not. <see cref="ApiResult.Created"/> makes it.</summary>
public sealed class ApiCreated<T> : IResult, IEndpointMetadataProvider
{
    private readonly ApiResult<T> _result;

    internal ApiCreated(ApiResult<T> result) => _result = result;

    public static implicit operator ApiCreated<T>(Refusal refusal) => new(refusal);

    public Task ExecuteAsync(HttpContext httpContext) => _result.ExecuteAsync(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status201Created, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ApiProblem), [ApiProblem.ContentType]));
    }
}
