using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tsunagi.Core.Api;

/// <summary>
/// Routes of a group whose handler is compiled when it is asked for the first time. The framework's own methods of these names compile every handler as the program starts: some three hundred,
/// two seconds of a core, of which a start uses none. What a route says of itself (parameters, answers, permissions) is there from the start. The compiler takes these for a <see cref="RouteGroupBuilder"/>.
/// </summary>
public static class ApiRoutes
{
    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Put = [HttpMethods.Put];
    private static readonly string[] Patch = [HttpMethods.Patch];
    private static readonly string[] Delete = [HttpMethods.Delete];

    /// <summary>A route for GET.</summary>
    public static RouteHandlerBuilder MapGet(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, Get, handler);

    /// <summary>A route for POST.</summary>
    public static RouteHandlerBuilder MapPost(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, Post, handler);

    /// <summary>A route for PUT.</summary>
    public static RouteHandlerBuilder MapPut(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, Put, handler);

    /// <summary>A route for PATCH.</summary>
    public static RouteHandlerBuilder MapPatch(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, Patch, handler);

    /// <summary>A route for DELETE.</summary>
    public static RouteHandlerBuilder MapDelete(this RouteGroupBuilder group, string pattern, Delegate handler) => Map(group, pattern, Delete, handler);

    private static RouteHandlerBuilder Map(RouteGroupBuilder group, string pattern, string[] methods, Delegate handler) =>
        RouteHandlerServices.Map(group, pattern, handler, methods, RequestDelegateFactory.InferMetadata, Later, handler.Method);

    private static RequestDelegateResult Later(Delegate handler, RequestDelegateFactoryOptions options, RequestDelegateMetadataResult? metadata)
    {
        var made = new Lazy<RequestDelegate>(() => RequestDelegateFactory.Create(handler, options, metadata).RequestDelegate);
        return new RequestDelegateResult(http => made.Value(http), metadata?.EndpointMetadata ?? []);
    }
}
