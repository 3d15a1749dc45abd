namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What the reflector made of a TLV (RFC 8972 section 4). A sender sets <see cref="Unrecognized"/> alone, so a reflector that knows no TLVs tells so by sending it back.</summary>
[Flags]
public enum StampTlvFlags : byte
{
    /// <summary>It was understood and taken.</summary>
    None = 0,

    /// <summary>I: the HMAC was not right, nothing was taken.</summary>
    Integrity = 0x20,

    /// <summary>M: its length can not be.</summary>
    Malformed = 0x40,

    /// <summary>U: the type is not known.</summary>
    Unrecognized = 0x80,
}
