using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Probes;

/// <summary>A probe that is to be set on a line.</summary>
public sealed record NewProbe
{
    [Required, MaxLength(40), Description("The line whose path is probed (ln_…).")]
    public string LineId { get; init; } = "";

    [Required, MaxLength(60), Description("Address and port of the STAMP reflector at the far end: 192.0.2.1:862 or [2001:db8::1]:862.")]
    public string Target { get; init; } = "";

    [MaxLength(100)]
    public string? Name { get; init; }

    [Range(100, 60_000), Description("Milliseconds between two test packets; 1,000 without it.")]
    public int? EveryMilliseconds { get; init; }

    [Range(0, 1_400), Description("Octets of padding of each test packet.")]
    public int? PaddingOctets { get; init; }

    [MaxLength(200), Description("The key of authenticated test packets (HMAC-SHA-256), the same as the reflector's; without it they are unauthenticated.")]
    public string? Key { get; init; }
}
