using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;

namespace Tsunagi.Connectivity.Contract;

/// <summary>What one subscription means to its lines: the plan, the pools, and why they may not be used now.</summary>
/// <param name="FirstUserName">User name of the line that is set up by itself; empty for none.</param>
/// <param name="FirstCircuit">Circuit id of it; empty for none.</param>
/// <param name="SuspendedFor">The gravest hold in force, or null.</param>
/// <param name="QuotaOctets">Octets of a month before <paramref name="OverQuota"/> holds; null without a quota.</param>
internal sealed record LineTerms(
    string Subscription, string TenantId, string TenantPath, string Kind, LinePlan Plan, string FirstUserName, string FirstCircuit, string V4Pool, string LinkPool, string DelegatedPool,
    long? QuotaOctets, LinePlan? OverQuota, string? SuspendedFor)
{
    // Which hold is told when there are several: what the customer must not talk away comes first.
    private static readonly string[] Gravest = ["abuse", "non-payment", "technical", "customer"];

    /// <summary>True when its lines have an address of a pool of this name.</summary>
    public bool Names(string pool) => V4Pool == pool || LinkPool == pool || DelegatedPool == pool;

    /// <summary>Reads a wish; null with the reason when it is none of connectivity's.</summary>
    public static LineTerms? TryRead(DesiredRecord record, out string? whyNot)
    {
        whyNot = null;
        try
        {
            return record.Kind switch
            {
                BroadbandSettings.Kind => Of(record, JsonSerializer.Deserialize<BroadbandSettings>(record.Settings, SettingsJson.Options)!),
                DedicatedSettings.Kind => Of(record, JsonSerializer.Deserialize<DedicatedSettings>(record.Settings, SettingsJson.Options)!),
                _ => Refuse($"connectivity knows no contract of kind '{record.Kind}'", out whyNot),
            };
        }
        catch (JsonException wrong)
        {
            return Refuse($"settings of {record.Key} at {wrong.Path ?? "$"}, line {wrong.LineNumber + 1}: not what connectivity takes", out whyNot);
        }
    }

    private static LineTerms Of(DesiredRecord record, BroadbandSettings settings)
    {
        var plan = new LinePlan
        {
            DownBps = Limit(settings.DownBitsPerSecond), UpBps = Limit(settings.UpBitsPerSecond), SimultaneousUse = settings.SimultaneousUse,
            SessionTimeout = Seconds(settings.SessionTimeoutSeconds), IdleTimeout = Seconds(settings.IdleTimeoutSeconds), InterimInterval = Seconds(settings.InterimSeconds),
        };
        var over = settings.QuotaOctets == 0 ? null : plan with
        {
            DownBps = Limit(settings.OverQuotaDownBitsPerSecond) ?? plan.DownBps, UpBps = Limit(settings.OverQuotaUpBitsPerSecond) ?? plan.UpBps,
        };
        return new LineTerms(
            record.Key, record.TenantId, record.TenantPath, record.Kind, plan, settings.UserName, "", settings.Ipv4Pool, settings.LinkPrefixPool, settings.DelegatedPrefixPool,
            Limit(settings.QuotaOctets), over, Suspension(record.Holds));
    }

    private static LineTerms Of(DesiredRecord record, DedicatedSettings settings) => new(
        record.Key, record.TenantId, record.TenantPath, record.Kind,
        new LinePlan { DownBps = Limit(settings.DownBitsPerSecond), UpBps = Limit(settings.UpBitsPerSecond), SimultaneousUse = 1, InterimInterval = Seconds(settings.InterimSeconds) },
        settings.UserName, settings.CircuitId, settings.Ipv4Pool, settings.LinkPrefixPool, settings.DelegatedPrefixPool, null, null, Suspension(record.Holds));

    private static string? Suspension(IReadOnlyList<string> holds) => holds.Count == 0 ? null : Array.Find(Gravest, holds.Contains) ?? holds[0];

    private static long? Limit(long value) => value > 0 ? value : null;

    private static TimeSpan? Seconds(int value) => value > 0 ? TimeSpan.FromSeconds(value) : null;

    private static LineTerms? Refuse(string reason, out string? whyNot)
    {
        whyNot = reason;
        return null;
    }
}
