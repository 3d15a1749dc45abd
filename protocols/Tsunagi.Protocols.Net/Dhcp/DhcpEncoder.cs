using System.Buffers;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Writes messages that were taken apart, and those that were put together of options of a <see cref="DhcpRegistry"/>.</summary>
public static class DhcpEncoder
{
    /// <summary>The octets of a message. One that <see cref="DhcpDecoder"/> gave becomes what it was.</summary>
    /// <returns>False when a field is missing, of another kind, or does not fit.</returns>
    public static bool TryEncode(DhcpMessage message, out byte[] octets)
    {
        ArgumentNullException.ThrowIfNull(message);
        var output = new ArrayBufferWriter<byte>(512);
        bool isWhole = DhcpDecoder.Format(message.Protocol).TryWrite(message.Fields, output);
        octets = isWhole ? output.WrittenSpan.ToArray() : [];
        return isWhole;
    }
}
