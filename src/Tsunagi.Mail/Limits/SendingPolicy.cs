using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.Limits;

/// <summary>
/// How much a tenant and its devices may send, and when a device is stopped because it is not itself any more. Said for the provider and for tenants; a credential may have a limit of its own
/// besides. A tenant's own people may ask for less than the wider scope allows, not for more.
/// </summary>
public sealed record SendingPolicy
{
    /// <summary>Each credential of devices and users.</summary>
    public SendingLimit? Device { get; init; }

    /// <summary>All that a tenant sends to others, by its servers and its devices together.</summary>
    public SendingLimit? Tenant { get; init; }

    /// <summary>A credential that sends to so many times as many recipients in an hour as in the busiest hour of its last 28 days is paused; 0 for never.</summary>
    public int? BrakeFactor { get; init; }

    /// <summary>Recipients in an hour up to which no credential is paused, however little it sent before.</summary>
    public int? BrakeFloor { get; init; }

    internal static SendingPolicy BuiltIn { get; } = new()
    {
        Device = new() { MessagesPerHour = 1_000, MessagesPerDay = 5_000, RecipientsPerHour = 2_000, RecipientsPerDay = 10_000 },
        Tenant = new() { MessagesPerHour = 20_000, MessagesPerDay = 100_000, RecipientsPerHour = 50_000, RecipientsPerDay = 250_000 },
        BrakeFactor = 5,
        BrakeFloor = 20,
    };

    internal SendingPolicy Over(SendingPolicy wider) => new()
    {
        Device = (Device ?? SendingLimit.Nothing).Over(wider.Device!),
        Tenant = (Tenant ?? SendingLimit.Nothing).Over(wider.Tenant!),
        BrakeFactor = BrakeFactor ?? wider.BrakeFactor,
        BrakeFloor = BrakeFloor ?? wider.BrakeFloor,
    };

    /// <summary>Null when every figure can be had.</summary>
    internal Refusal? Check()
    {
        foreach (var (field, most) in Fields().Select(static field => ("sending." + field.Field, field.Most)))
        {
            if (most is < 0 or > SendingLimit.Most)
            {
                return Refusal.Invalid("mail.sending.limit", field, $"{most} is no limit", $"0 (none) to {SendingLimit.Most}");
            }
        }

        return null;
    }

    /// <summary>The wider of both, field by field; what one of them does not say, the other says.</summary>
    internal SendingPolicy OrWider(SendingPolicy other) => new()
    {
        Device = Device!.OrWider(other.Device ?? SendingLimit.Nothing),
        Tenant = Tenant!.OrWider(other.Tenant ?? SendingLimit.Nothing),
        BrakeFactor = BrakeFactor == 0 || other.BrakeFactor == 0 ? 0 : Math.Max(BrakeFactor!.Value, other.BrakeFactor ?? 0),
        BrakeFloor = Math.Max(BrakeFloor!.Value, other.BrakeFloor ?? 0),
    };

    /// <summary>True for the provider's own people, who may say anything.</summary>
    internal static bool IsBoundless(string callerPath) => callerPath.AsSpan().TrimEnd('/').IndexOf('/') < 0;

    /// <summary>Why a tenant's own people may not say this where <paramref name="most"/> holds; null when they may.</summary>
    internal Refusal? WhyTooMuch(SendingPolicy most)
    {
        var beyond = Device?.Beyond(most.Device!) is { } device ? ("device." + device.Field, device.Most) : Tenant?.Beyond(most.Tenant!) is { } tenant ? ("tenant." + tenant.Field, tenant.Most) : ((string, int)?)null;
        if (beyond is var (field, limit))
        {
            return TooMuch("sending." + field, limit);
        }

        // A brake that grips later is more than is allowed too; what the provider has switched off nobody needs to keep.
        return most.BrakeFactor > 0 && (BrakeFactor == 0 || BrakeFactor > most.BrakeFactor) ? TooMuch("sending.brakeFactor", most.BrakeFactor.Value)
            : most.BrakeFactor > 0 && BrakeFloor > most.BrakeFloor ? TooMuch("sending.brakeFloor", most.BrakeFloor!.Value)
            : null;
    }

    internal static Refusal TooMuch(string field, int most) => Refusal.Invalid("mail.sending.too-much", field, "only the provider raises this limit", $"1 to {most}");

    private IEnumerable<(string Field, int? Most)> Fields() =>
        [
            .. (Device ?? SendingLimit.Nothing).Fields().Select(static field => ("device." + field.Field, field.Most)),
            .. (Tenant ?? SendingLimit.Nothing).Fields().Select(static field => ("tenant." + field.Field, field.Most)),
            ("brakeFactor", BrakeFactor),
            ("brakeFloor", BrakeFloor),
        ];
}
