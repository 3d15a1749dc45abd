using System.Security.Cryptography;
using System.Text.Json;
using Tsunagi.Ddos.Contract;

namespace Tsunagi.Ddos.DryRun;

/// <summary>What a dry run stands on beside the traffic: when any of it is otherwise than it was, the report says nothing about now.</summary>
internal static class DryRunInputs
{
    // Raised when detection or rules are made in another way.
    private const int Method = 1;

    /// <summary>The limits of the protection, what it protects, and what decides about attacks and rules here: one hash of all.</summary>
    public static string HashOf(Protection protection, DdosOptions options)
    {
        var inputs = new
        {
            Method,
            protection.Subscription,
            protection.TenantPath,
            Prefixes = protection.Prefixes.Select(static prefix => prefix.ToString()).Order(StringComparer.Ordinal).ToList(),
            Host = LimitsOf(protection.Host),
            Prefix = LimitsOf(protection.Prefix),
            protection.AttackPackets,
            QuietSeconds = protection.Quiet.TotalSeconds,
            options.Detect,
            options.Mitigate,
            Protected = options.Protected.Select(static network => network.ToString()).Order(StringComparer.Ordinal).ToList(),
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(inputs)));
    }

    private static long[] LimitsOf(Limits limits) => [limits.Packets, limits.Bits, limits.Flows];
}
