using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Net.Tls;

/// <summary>Where the server's certificates are, and what the self-signed one of the first start says.</summary>
public sealed record CertificateOptions
{
    /// <summary>
    /// A directory of .pem files, each with a certificate, its intermediates and the private key. Changes are seen within <see cref="LookAgainAfter"/>.
    /// </summary>
    [Required]
    public required string Directory { get; init; }

    /// <summary>Names of the self-signed certificate that is made when the directory holds none.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> SelfSignedNames { get; init; } = ["localhost"];

    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LookAgainAfter { get; init; } = TimeSpan.FromSeconds(5);
}
