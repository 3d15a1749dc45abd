using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>After how many failed sign-ins one must wait, and how long at most. The wait doubles with each further failure.</summary>
public sealed record ThrottleOptions
{
    /// <summary>Failures of one account from one address (IPv6 /64) before waits begin.</summary>
    [Range(1, 1_000)]
    public int FreePerPair { get; init; } = 5;

    /// <summary>Failures from one address, whatever the account.</summary>
    [Range(1, 10_000)]
    public int FreePerAddress { get; init; } = 20;

    /// <summary>Failures of one account, whatever the address. Never applies to an address the account signed in from lately, nor to the last administrator.</summary>
    [Range(1, 10_000)]
    public int FreePerAccount { get; init; } = 50;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(15);

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestAccountWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Failures older than this are forgotten.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(12);
}
