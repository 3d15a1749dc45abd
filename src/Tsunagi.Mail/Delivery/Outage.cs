namespace Tsunagi.Mail.Delivery;

/// <summary>One outage of a next hop that was told, and to whom.</summary>
internal sealed class Outage(string nextHop, long sinceMicros)
{
    public string NextHop => nextHop;

    public long SinceMicros => sinceMicros;

    /// <summary>Paths of the tenants that know.</summary>
    public HashSet<string> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>Since when it answers again without failing; null while it does not.</summary>
    public long? AnswersSinceMicros { get; set; }
}

/// <summary>What is to be told now.</summary>
internal enum OutageAct
{
    Nothing,

    /// <summary>To the tenants that do not know yet.</summary>
    Away,

    /// <summary>It answers again, for long enough.</summary>
    Back,

    /// <summary>No contract sends mail there any more.</summary>
    Unused,
}

/// <summary>
/// When an outage begins and ends: it is told after it has lasted, and is over after the next hop has answered for a while. A next hop that comes and goes
/// has one outage, and a short silence none.
/// </summary>
internal static class OutageJudge
{
    /// <param name="known">The outage that was told, or null.</param>
    /// <param name="health">Null when no mail goes there any more.</param>
    public static OutageAct Judge(Outage? known, NextHopHealth? health, long nowMicros, DeliveryOptions options)
    {
        if (known is null)
        {
            return health is { IsFailing: true } && nowMicros - health.FailingSinceMicros >= (long)options.AwayAfter.TotalMicroseconds ? OutageAct.Away : OutageAct.Nothing;
        }

        if (health is null)
        {
            return OutageAct.Unused;
        }

        if (health.IsFailing || health.AnsweredMicros <= known.SinceMicros)
        {
            // Failing, or not asked since the start of the program.
            known.AnswersSinceMicros = null;
            return health.IsFailing && health.Waiting.Keys.Any(tenant => !known.Told.Contains(tenant)) ? OutageAct.Away : OutageAct.Nothing;
        }

        known.AnswersSinceMicros ??= nowMicros;
        return nowMicros - known.AnswersSinceMicros >= (long)options.BackAfter.TotalMicroseconds ? OutageAct.Back : OutageAct.Nothing;
    }
}
