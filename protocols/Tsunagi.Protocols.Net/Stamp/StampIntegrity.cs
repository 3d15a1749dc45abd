using System.Security.Cryptography;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What an HMAC says of the TLVs of a packet (RFC 8972 section 4.8).</summary>
public enum StampIntegrity
{
    /// <summary>There is none to check, and none is needed.</summary>
    Absent,

    /// <summary>The TLVs are as they were sent.</summary>
    Right,

    /// <summary>They are not, or the HMAC is missing, twice there, cut short or in a wrong place.</summary>
    Wrong,
}

/// <summary>The rules of the HMAC TLV.</summary>
internal static class StampIntegrityCheck
{
    /// <summary>
    /// The HMAC follows all TLVs but Extra Padding. In authenticated mode it is needed, unless one Extra Padding is all there is; without a key nothing can be said, and the TLV is one that is not understood.
    /// </summary>
    public static StampIntegrity Of(ReadOnlySpan<byte> packet, StampTlvs tlvs, StampMode mode, StampKey? key)
    {
        int count = 0;
        int covered = 0;
        bool wrong = false;
        StampTlv hmac = default;
        foreach (StampTlv tlv in tlvs)
        {
            count++;
            wrong |= !tlv.IsWhole || (hmac.Octets.Length > 0 && tlv.Type != StampTlvType.ExtraPadding);
            if (tlv.Type == StampTlvType.Hmac && hmac.Octets.Length == 0)
            {
                hmac = tlv;
            }
            else if (tlv.Type != StampTlvType.ExtraPadding)
            {
                covered++;
            }
        }

        if (hmac.Octets.Length == 0)
        {
            return mode == StampMode.Authenticated && (covered > 0 || count > 1) ? StampIntegrity.Wrong : StampIntegrity.Absent;
        }

        if (key is null)
        {
            return StampIntegrity.Absent;
        }

        if (wrong || hmac.Value.Length != StampKey.HmacOctets)
        {
            return StampIntegrity.Wrong;
        }

        Span<byte> right = stackalloc byte[StampKey.HmacOctets];
        key.HashTlvs(packet, tlvs.Octets[..hmac.Offset], right);
        return CryptographicOperations.FixedTimeEquals(right, hmac.Value) ? StampIntegrity.Right : StampIntegrity.Wrong;
    }
}
