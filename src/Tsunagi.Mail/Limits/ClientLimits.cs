using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Core.Net;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Limits;

/// <summary>
/// How often strangers' addresses may connect and bring messages. A customer's own server is not a stranger, nor is who hands mail in after AUTH: those are limited as what they are. Told once for each
/// address and window. Kept in memory: a restart forgives a minute's connections and an hour's messages.
/// </summary>
internal sealed class ClientLimits(MailOptions options, GatewayContracts contracts, SendingBook book, MailMetrics metrics, TimeProvider time)
{
    private readonly ClientLimitOptions _limits = options.Inbound.Clients;
    private readonly ClientTable _table = new(options.Inbound.Clients.Entries);

    /// <summary>421 for an address that connects too often.</summary>
    public SmtpReply? WhyNotConnect(IPAddress? client, bool isSubmission)
    {
        if (_limits.ConnectionsPerMinute == 0 || !IsCounted(client, isSubmission))
        {
            return null;
        }

        var count = _table.Connection(KeyOf(client!), Now(), _limits.ConnectionsPerMinute);
        return count.Count <= _limits.ConnectionsPerMinute ? null : Refuse(421, "connections", "a minute", _limits.ConnectionsPerMinute, count, client!);
    }

    /// <summary>450 for an address that brought too many messages; else the message is counted.</summary>
    public SmtpReply? WhyNoMessage(IPAddress? client, bool isSubmission)
    {
        if (_limits.MessagesPerHour == 0 || !IsCounted(client, isSubmission))
        {
            return null;
        }

        var count = _table.Message(KeyOf(client!), Now(), _limits.MessagesPerHour);
        return count.Count <= _limits.MessagesPerHour ? null : Refuse(450, "messages", "an hour", _limits.MessagesPerHour, count, client!);
    }

    /// <summary>The address, or the /64 of an IPv6 one: a number that no other has and that is never 0. Prefixes of ::/16 are nobody's, so IPv4 stands there.</summary>
    internal static ulong KeyOf(IPAddress client)
    {
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out _);
        return client.AddressFamily == AddressFamily.InterNetwork ? (1UL << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes) is > 0 and var prefix ? prefix : 1;
    }

    private bool IsCounted(IPAddress? client, bool isSubmission)
    {
        if (client is null || isSubmission)
        {
            return false;
        }

        foreach (var network in _limits.Exempt)
        {
            if (network.Contains(client))
            {
                return false;
            }
        }

        return !contracts.Table.Relays.Of(client).Any();
    }

    private SmtpReply Refuse(int code, string what, string window, int most, ClientCount count, IPAddress client)
    {
        metrics.ClientLimited(what);
        if (count.IsFirstPast)
        {
            var address = AddressGroup.Of(client).ToString();
            book.Tell(MailEvents.ClientLimited, contracts.ProviderPath, address, new { address, limit = what, most, seconds = count.SecondsLeft });
        }

        return new SmtpReply(code, new EnhancedStatus(4, 7, code == 421 ? 0 : 1), string.Create(
            CultureInfo.InvariantCulture, $"Too many {what} from {AddressGroup.Of(client)}: at most {most} in {window}; try again in {Math.Max(1, count.SecondsLeft)} seconds"));
    }

    private uint Now() => (uint)(time.GetTimestamp() / time.TimestampFrequency);
}
