namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>Where the fields of both modes stand (RFC 8762 sections 4.2 and 4.3, with the SSID of RFC 8972 section 3).</summary>
internal sealed record StampLayout(int BaseOctets, int Timestamp, int Error, int Session, int Received, int SenderSequence, int SenderTimestamp, int SenderError, int SenderTtl)
{
    private static readonly StampLayout Unauthenticated = new(44, 4, 12, 14, 16, 24, 28, 36, 40);
    private static readonly StampLayout Authenticated = new(112, 16, 24, 26, 32, 48, 64, 72, 80);

    public static StampLayout Of(StampMode mode) => mode == StampMode.Authenticated ? Authenticated : Unauthenticated;
}
