using Tsunagi.Core.Tenants;

namespace Tsunagi.Ui.Live;

/// <summary>
/// A module's live figures. While somebody looks at figures of a scope, it is asked every two seconds. A page shows one with
/// <c>data-live-text="figures:{tenant id}:{key}"</c>; <see cref="FigureTopic"/> makes the topic.
/// </summary>
public interface ILiveFigures
{
    /// <summary>Adds its figures of this scope. Must be quick (a few indexed queries) and must not throw for an empty scope.</summary>
    /// <param name="figures">Key ("mail.per-minute") to value; keys begin with the module's id.</param>
    ValueTask ReadAsync(TenantScope scope, IDictionary<string, double> figures, CancellationToken cancellationToken);
}

/// <summary>The live topic of a scope's figures.</summary>
public static class FigureTopic
{
    public const string Head = "figures:";

    public static string Of(TenantScope scope) => Head + scope.TenantId;

    public static string Key(TenantScope scope, string key) => $"{Head}{scope.TenantId}:{key}";
}
