using System.Collections.Concurrent;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>A certificate that opened no connection, and why. Subject and fingerprint are empty where none was shown.</summary>
internal sealed record RefusedCertificate(string Address, string Subject, string Fingerprint, string Problem)
{
    /// <summary>What it is told once by.</summary>
    public string Key => Fingerprint.Length > 0 ? Fingerprint : Address;
}

/// <summary>The first refusal of each certificate since the program started, so many at the most. Thread-safe.</summary>
internal sealed class RefusedCertificates
{
    private const int Most = 1_000;

    private readonly ConcurrentDictionary<string, RefusedCertificate> _all = new(StringComparer.Ordinal);

    public IReadOnlyCollection<RefusedCertificate> All => [.. _all.Values];

    public void Add(RefusedCertificate refused)
    {
        if (_all.Count < Most)
        {
            _all.TryAdd(refused.Key, refused);
        }
    }
}
