namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What is asked of any test packet.</summary>
internal static class StampChecks
{
    public static bool Packet(ReadOnlySpan<byte> datagram, int shortest, StampMode mode, StampKey? key, StampLimits limits, out StampError error)
    {
        if (datagram.Length < shortest || datagram.Length > limits.PacketOctets)
        {
            error = new StampError(datagram.Length < shortest ? "test packet: shorter than its fields" : "test packet: longer than the limit", Math.Min(datagram.Length, limits.PacketOctets));
            return false;
        }

        int tlvsAt = Math.Min(datagram.Length, StampLayout.Of(mode).BaseOctets);
        if (!StampTlvs.Check(datagram[tlvsAt..], limits.Tlvs, tlvsAt, out error))
        {
            return false;
        }

        if (mode == StampMode.Authenticated && key?.Verifies(datagram) is not true)
        {
            error = new StampError(key is null ? "test packet: there is no key to check its HMAC with" : "test packet: its HMAC is wrong", StampKey.SignedOctets);
            return false;
        }

        return true;
    }
}
