using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Api;

/// <summary>A protection that runs on this node.</summary>
/// <param name="Id">The subscription.</param>
/// <param name="Mode">observe, ask or automatic.</param>
/// <param name="Reason">Why it was set so; absent while nobody decided.</param>
public sealed record ProtectionView(string Id, string TenantId, IReadOnlyList<string> Prefixes, string Mode, string? Reason, string? SetBy, long? SetAt)
{
    internal static ProtectionView Of(Protection protection, ModeRow? mode) => new(
        protection.Subscription, protection.TenantId, [.. protection.Prefixes.Select(static prefix => prefix.ToString())], mode?.Mode ?? ResponseMode.Observe, mode?.Reason, mode?.SetBy, mode?.SetAt);
}
