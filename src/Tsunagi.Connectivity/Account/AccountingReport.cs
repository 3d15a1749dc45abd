using System.Globalization;
using System.Net;
using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Account;

/// <summary>What a report tells (RFC 2866 section 5.1).</summary>
internal enum AccountingStatus
{
    Other = 0,
    Start = 1,
    Stop = 2,
    Interim = 3,
    On = 7,
    Off = 8,
}

/// <summary>What one Accounting-Request says, read from its packet.</summary>
/// <param name="EventAt">When it happened, µs: Event-Timestamp where it can be believed, else when it came, less Acct-Delay-Time.</param>
/// <param name="SessionSeconds">Acct-Session-Time; 0 when it says none.</param>
/// <param name="HasGigawords">True when the octets are whole numbers of 64 bits; false when they may have wrapped at 32.</param>
internal sealed record AccountingReport(
    AccountingStatus Status, string SessionId, string UserName, string Station, string Called, string Port, long EventAt, long SessionSeconds, ulong OctetsIn, ulong OctetsOut, bool HasGigawords, string V4,
    string V6, string LinkPrefix, string DelegatedPrefix, string Cause)
{
    private const long LatestAheadMicros = 5 * 60 * UnixMicros.PerSecond;
    private const long OldestMicros = 7 * 24 * 3_600 * UnixMicros.PerSecond;
    private const int LongestText = 253;

    /// <summary>When the session began by this report, µs.</summary>
    public long BeganAt => EventAt - (SessionSeconds * UnixMicros.PerSecond);

    /// <summary>What it is, of which session, and when that happened. False when it says not what it is, or no session where it must.</summary>
    public static bool TryReadEvent(RadiusPacket packet, long receivedMicros, out AccountingStatus status, out string session, out long eventAt)
    {
        (status, session, eventAt) = (AccountingStatus.Other, "", 0);
        if (!packet.TryFind(RadiusType.AcctStatusType, out uint type))
        {
            return false;
        }

        status = type is 1 or 2 or 3 or 7 or 8 ? (AccountingStatus)type : AccountingStatus.Other;
        session = Text(packet, RadiusType.AcctSessionId);
        if (session.Length == 0 && status is AccountingStatus.Start or AccountingStatus.Stop or AccountingStatus.Interim)
        {
            return false;
        }

        eventAt = EventOf(packet, receivedMicros);
        return true;
    }

    /// <summary>False when it says not what it is, or no session where it must.</summary>
    public static bool TryRead(RadiusPacket packet, long receivedMicros, out AccountingReport? report)
    {
        report = null;
        if (!TryReadEvent(packet, receivedMicros, out var status, out var session, out var eventAt))
        {
            return false;
        }

        packet.TryFind(RadiusType.AcctSessionTime, out uint seconds);
        packet.TryFind(RadiusType.AcctInputOctets, out uint octetsIn);
        packet.TryFind(RadiusType.AcctOutputOctets, out uint octetsOut);
        var hasGigawords = packet.TryFind(RadiusType.AcctInputGigawords, out uint gigasIn) | packet.TryFind(RadiusType.AcctOutputGigawords, out uint gigasOut);
        report = new AccountingReport(
            status, session, Text(packet, RadiusType.UserName), StationOf(packet), Text(packet, RadiusType.CalledStationId), PortOf(packet), eventAt, seconds,
            ((ulong)gigasIn << 32) | octetsIn, ((ulong)gigasOut << 32) | octetsOut, hasGigawords, Address(packet, RadiusType.FramedIpAddress, 4), Address(packet, RadiusType.FramedIpv6Address, 16),
            Prefix(packet, RadiusType.FramedIpv6Prefix), Prefix(packet, RadiusType.DelegatedIpv6Prefix), CauseOf(packet));
        return true;
    }

    /// <summary>What tells one customer's station from another's.</summary>
    public static string StationOf(RadiusPacket packet) => Text(packet, packet.TryFind(RadiusType.CallingStationId, out ReadOnlySpan<byte> _) ? RadiusType.CallingStationId : RadiusType.NasPortId);

    private static string PortOf(RadiusPacket packet) =>
        Text(packet, RadiusType.NasPortId) is { Length: > 0 } name ? name : packet.TryFind(RadiusType.NasPort, out uint number) ? number.ToString(CultureInfo.InvariantCulture) : "";

    // A clock far ahead, or years back, tells nothing.
    private static long EventOf(RadiusPacket packet, long received)
    {
        packet.TryFind(RadiusType.AcctDelayTime, out uint delay);
        if (packet.TryFind(RadiusType.EventTimestamp, out uint stamp))
        {
            var at = stamp * UnixMicros.PerSecond;
            if (at <= received + LatestAheadMicros && at >= received - OldestMicros)
            {
                return at;
            }
        }

        return received - (Math.Min(delay, OldestMicros / UnixMicros.PerSecond) * UnixMicros.PerSecond);
    }

    private static string CauseOf(RadiusPacket packet) =>
        packet.TryFind(RadiusType.AcctTerminateCause, out ReadOnlySpan<byte> cause) && RadiusDictionary.Standard.ByName("Acct-Terminate-Cause") is { } definition ? RadiusText.Format(definition, cause) : "";

    private static string Text(RadiusPacket packet, byte type)
    {
        if (!packet.TryFind(type, out ReadOnlySpan<byte> value))
        {
            return "";
        }

        var text = Encoding.UTF8.GetString(value);
        return text.Length <= LongestText && !text.AsSpan().ContainsAnyInRange('\0', '\u001F') ? text : string.Concat(text.Take(LongestText).Select(static each => char.IsControl(each) ? '?' : each));
    }

    private static string Address(RadiusPacket packet, byte type, int octets) => packet.TryFind(type, out ReadOnlySpan<byte> value) && value.Length == octets ? new IPAddress(value).ToString() : "";

    private static string Prefix(RadiusPacket packet, byte type)
    {
        if (!packet.TryFind(type, out ReadOnlySpan<byte> value) || value.Length is < 2 or > 18 || value[1] is 0 or > 128 || RadiusDictionary.Standard.ByType(type) is not { } definition)
        {
            return "";
        }

        return RadiusText.Format(definition, value);
    }
}
