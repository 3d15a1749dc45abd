using System.Text;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>What a relay says about the place of a client; null for what it does not say.</summary>
internal readonly record struct RelayedPlace(byte[]? CircuitId, byte[]? RemoteId, byte[]? SubscriberId)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public bool SaysWho => CircuitId is { Length: > 0 } || RemoteId is { Length: > 0 } || SubscriberId is { Length: > 0 };

    /// <summary>The line that is meant: by circuit and remote id, else by subscriber id, which is a user name or a remote id.</summary>
    public Line? Find(LineSnapshot snapshot)
    {
        if (snapshot.ByCircuit(Text(CircuitId), Text(RemoteId)) is { } line)
        {
            return line;
        }

        return Text(SubscriberId) is { Length: > 0 } subscriber ? snapshot.ByUserName(subscriber) ?? snapshot.ByCircuit(null, subscriber) : null;
    }

    /// <summary>Its names for the place, as an operator reads them.</summary>
    public override string ToString() => string.Join(" ", new[] { Text(CircuitId), Text(RemoteId), Text(SubscriberId) }.Where(static text => !string.IsNullOrEmpty(text)));

    /// <summary>Octets as a line states them: text where they are some, else hexadecimal digits behind "0x".</summary>
    public static string? Text(byte[]? octets)
    {
        if (octets is null)
        {
            return null;
        }

        foreach (var octet in octets)
        {
            if (octet is < 0x20 or 0x7F)
            {
                return "0x" + Convert.ToHexStringLower(octets);
            }
        }

        try
        {
            return Strict.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return "0x" + Convert.ToHexStringLower(octets);
        }
    }
}
