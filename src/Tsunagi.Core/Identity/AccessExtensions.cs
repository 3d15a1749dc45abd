using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Tsunagi.Core.Identity;

/// <summary>How endpoints say who may call them, and how handlers learn who does.</summary>
public static class AccessExtensions
{
    private static readonly object CallerKey = new();

    /// <summary><c>api.MapGet(…).Requires("mail.trace.read")</c>.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiresAttribute(permission));

    /// <summary>Any signed-in caller, whatever its permissions: one's own session and password.</summary>
    public static TBuilder RequiresSignIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiresAttribute());

    public static TBuilder AllowsAnyone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AllowsAnyoneAttribute());

    /// <summary>Who asks. On an endpoint with an access rule there always is one, except where the rule allows anyone.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public static Caller GetCaller(this HttpContext context) => context.GetSignedInCaller().Caller;

    /// <summary>Who asks, or null.</summary>
    public static Caller? FindCaller(this HttpContext context) => context.FindSignedInCaller()?.Caller;

    /// <summary>The same with the session or token he came by: for what he does with his own account.</summary>
    public static SignedInCaller GetSignedInCaller(this HttpContext context) =>
        context.FindSignedInCaller() ?? throw new InvalidOperationException($"nobody is signed in at {context.Request.Path}, and the endpoint has no rule that requires it");

    public static SignedInCaller? FindSignedInCaller(this HttpContext context) => context.Items.TryGetValue(CallerKey, out var caller) ? (SignedInCaller?)caller : null;

    /// <summary>After routing, before the endpoints.</summary>
    public static IApplicationBuilder UseCaller(this IApplicationBuilder app) => app.UseMiddleware<CallerMiddleware>();

    internal static void SetCaller(this HttpContext context, SignedInCaller caller) => context.Items[CallerKey] = caller;
}
