namespace Tsunagi.Connectivity.Try;

/// <summary>A session that a trial access server let in.</summary>
/// <param name="SessionId">Acct-Session-Id, the access server's own.</param>
/// <param name="Given">Attributes of the Access-Accept that the accounting of the session repeats: its addresses and Class.</param>
/// <param name="StartedAt">A timestamp of the clock.</param>
public sealed record TrialSession(string UserName, string SessionId, IReadOnlyList<(byte Type, byte[] Value)> Given, long StartedAt)
{
    /// <summary>Octets that the line sent.</summary>
    public ulong OctetsIn { get; set; }

    /// <summary>Octets that the line got.</summary>
    public ulong OctetsOut { get; set; }
}
