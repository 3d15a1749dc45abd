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
    public static Caller GetCaller(this HttpContext context) =>
        context.FindCaller() ?? throw new InvalidOperationException($"nobody is signed in at {context.Request.Path}, and the endpoint has no rule that requires it");

    /// <summary>Who asks, or null.</summary>
    public static Caller? FindCaller(this HttpContext context) => context.Items.TryGetValue(CallerKey, out var caller) ? (Caller?)caller : null;

    internal static void SetCaller(this HttpContext context, Caller caller) => context.Items[CallerKey] = caller;
}
