using System.Text;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>What Class says: whose session it is. The NAS sends it back in accounting (RFC 2865 section 5.25), so that a session's line is known even when the NAS changes its User-Name.</summary>
internal static class LineClass
{
    private static ReadOnlySpan<byte> Mark => "ts1:"u8;

    public static byte[] Of(Line line) => [.. Mark, .. Encoding.ASCII.GetBytes(line.LineId)];

    /// <summary>The line's id; null when the octets are another's.</summary>
    public static string? Read(ReadOnlySpan<byte> value) =>
        value.StartsWith(Mark) && value.Length is > 4 and < 64 && !value.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E) ? Encoding.ASCII.GetString(value[Mark.Length..]) : null;
}
