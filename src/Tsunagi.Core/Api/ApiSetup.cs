using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Api;

/// <summary>
/// How the program gets its API: <c>services.AddApi()</c>; then, in this order, <c>app.UseApiErrors()</c>, routing, <c>app.UseCaller()</c>, and
/// <c>app.UseIdempotency()</c>, and <c>var api = app.MapApi()</c>, below which Core and the modules map their routes.
/// </summary>
public static class ApiSetup
{
    public const string Prefix = "/api/v1";

    public static IServiceCollection AddApi(this IServiceCollection services, ApiOptions? options = null)
    {
        services.AddSingleton(options ?? new ApiOptions());
        services.TryAddSingleton(new IdempotencyOptions());
        services.TryAddSingleton(static provider => new IdempotencyKeys(
            provider.GetRequiredService<Stores>().Control, provider.GetRequiredService<IdempotencyOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.AddOpenApi(ApiDocument.Name, ApiDescription.Configure);
        services.TryAddSingleton<ApiDocument>();
        return services;
    }

    public static IApplicationBuilder UseApiErrors(this IApplicationBuilder app) => app.UseMiddleware<ApiErrors>();

    /// <summary>After <c>UseCaller</c>: a POST with an Idempotency-Key acts once. Needs the secrets and the idempotency keys.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<IdempotencyMiddleware>();

    /// <summary>The group <c>/api/v1</c> with checks of requests, the size limit and the API's description at openapi.json.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app)
    {
        var options = app.ServiceProvider.GetRequiredService<ApiOptions>();
        var api = app.MapGroup(Prefix);
        api.WithMetadata(new SizeLimit(options.MaxRequestBytes));
        api.AddEndpointFilterFactory(RequestFilter.Create);
        app.MapGet(Prefix + "/openapi.json", ApiDocument.AnswerAsync).ExcludeFromDescription().WithMetadata(new Identity.AllowsAnyoneAttribute());
        return api;
    }

    private sealed record SizeLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
