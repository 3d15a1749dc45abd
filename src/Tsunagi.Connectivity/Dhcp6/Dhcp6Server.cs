using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>
/// The way of a client's message (RFC 8415 section 18.3), on the thread of its socket: (1) the datagram comes from a relay that is known, or on a link that is served; (2) it is unwrapped and must be what
/// its kind may be; (3) its line is found: by what the relays say about the place, nearest first, else by the client's DUID; (4) who floods is not looked at; (5) with the book's turn held it is decided what
/// each association gets (<see cref="LeaseDesk"/>), and the answer is written; what it promises is on the disk before it is sent (<see cref="LeaseReplies"/>).
/// </summary>
internal sealed class Dhcp6Server : IHostedService, IDisposable
{
    private const string Family = "DHCPv6";
    private const int LongestAnswer = 8_192;
    private const string UnknownLine = "unknown-line";
    private static readonly IPAddress Group = IPAddress.Parse("ff02::1:2");

    private readonly Dhcp6ServerOptions _options;
    private readonly LineSnapshotHolder _lines;
    private readonly LeaseDesk _desk;
    private readonly LeaseKeeper _keeper;
    private readonly Dhcp6Notes _notes;
    private readonly Dhcp6Metrics _metrics;
    private readonly PoolAnswers _answers;
    private readonly KnownRelays _relays;
    private readonly FloodGuard _floods;
    private readonly MessageLimit _declines;
    private readonly LeaseReplies _replies;
    private readonly InterfaceNames _interfaces = new();
    private readonly DhcpListeners _listeners;
    private readonly CancellationTokenSource _stopping = new();

    public Dhcp6Server(
        ConnectivityOptions options, LineSnapshotHolder lines, LeaseLog leases, LeaseBook book, LeaseDesk desk, LeaseKeeper keeper, LeaseProjector projector, Dhcp6Notes notes, Dhcp6Metrics metrics, TimeProvider time,
        ILogger<Dhcp6Server> log)
    {
        _options = options.Dhcp6;
        (_lines, _desk, _keeper, _notes, _metrics) = (lines, desk, keeper, notes, metrics);
        _answers = new PoolAnswers(_options);
        _relays = new KnownRelays(_options.Relays, "connectivity.dhcp6.relays", notes, Dhcp6Events.UnknownRelay);
        _floods = new FloodGuard(time, _options.MessagesPerMinute, notes, Dhcp6Events.Flooded);
        _declines = new MessageLimit(time, _options.DeclinesPerHour, TimeSpan.FromHours(1));
        _listeners = new DhcpListeners(Family, _options.Threads, _options.ReceiveBufferBytes, time, log);
        _replies = new LeaseReplies(Family, leases, book, desk, projector, _options.MostInFlight, _options.ExpiryGrace / 2, metrics, time, log);
    }

    /// <summary>Where relays are heard; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _listeners.EndPoints;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _listeners.Faults;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var text in _options.Listen)
        {
            var at = IPEndPoint.TryParse(text, out var parsed) ? parsed : throw new InvalidOperationException($"connectivity.dhcp6.listen: \"{text}\" is no address and port");
            _listeners.Bind(at);
        }

        foreach (var link in _options.Links)
        {
            _listeners.Bind(link.Interface, new IPEndPoint(IPAddress.IPv6Any, link.Port), Join);
        }

        _listeners.Start(Take);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Close();
        _stopping.Dispose();
    }

    private void Close()
    {
        if (!_stopping.IsCancellationRequested)
        {
            _stopping.Cancel();
        }

        _listeners.Dispose();
    }

    // RFC 8415 section 7.1: a member of the group of relays and servers.
    private static void Join(Socket socket, IPInterfaceProperties link)
    {
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(Group, link.GetIPv6Properties().Index));
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, optionValue: true);
    }

    private void Take(DhcpSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, bool isMulticast)
    {
        // (1)
        if (_keeper.Duid is not { } duid || !_lines.IsFilled)
        {
            _metrics.Dropped("starting");
            return;
        }

        if (!Dhcp6Message.TryParse(datagram, null, out var message, out _))
        {
            _metrics.Dropped("malformed");
            return;
        }

        var snapshot = _lines.Current;
        var source = RadiusSource.Of(from);
        if (message.IsRelay ? !_relays.Has(source, snapshot) : socket.Link.Length == 0)
        {
            _metrics.Dropped(message.IsRelay ? "unknown-relay" : "not-relayed");
            return;
        }

        // (2)
        var hops = new List<RelayHop>();
        if (!RelayHop.TryUnwrap(message, _options.MostRelays, hops, out var inner))
        {
            _metrics.Dropped("relays");
            return;
        }

        if (!ClientMessage.TryRead(inner, duid, _options.MostAssociations, out var client, out var whyNot))
        {
            _metrics.Dropped(whyNot);
            return;
        }

        _metrics.Received(client.Type);
        var asked = new Question(this, socket, from, source, client, hops, duid);
        if (hops.Count == 0 && !isMulticast)
        {
            AnswerUnicast(asked);
            return;
        }

        // (3)
        if (FindLine(snapshot, client, hops, socket.Link) is not { } line)
        {
            NoteStranger(client, hops, source);
            _metrics.Dropped(UnknownLine);
            return;
        }

        // (4)
        if (!_floods.MayCome(line, "duid", client.Duid))
        {
            _metrics.Dropped("flood");
            return;
        }

        // (5)
        var hardware = hops.Select(static hop => hop.Hardware).LastOrDefault(static hardware => hardware is not null) is { } octets ? Convert.ToHexStringLower(octets) : "";
        asked.Asker = new LeaseAsker(line, client.Duid, PlaceOf(hops, source, socket.Link), hardware, NextHopOf(asked));
        _replies.Answer(asked, _stopping.Token);
    }

    // What goes to a delegated prefix goes to the router itself, or to the relay that its datagrams come from. A client on a link that sends from another address than its link-local one is not believed.
    private string NextHopOf(Question asked)
    {
        var address = asked.Source.ToAddress();
        if (!address.IsIPv6LinkLocal)
        {
            return asked.Hops.Count > 0 && !asked.Source.IsV4 ? DelegatedRoutes.NextHopOf(address, "") : "";
        }

        var link = asked.Hops.Count == 0 ? asked.Socket.Link : _interfaces.NameOf(asked.From);
        return link.Length > 0 ? DelegatedRoutes.NextHopOf(address, link) : "";
    }

    // RFC 8415 section 18.4: what must be multicast and was not.
    private void AnswerUnicast(Question asked)
    {
        if (asked.Client.Type is Dhcp6Type.Request or Dhcp6Type.Renew or Dhcp6Type.Release or Dhcp6Type.Decline)
        {
            asked.Send(Write(asked, new Answer(Dhcp6Type.Reply) { Status = Dhcp6Status.UseMulticast }));
        }
        else
        {
            _metrics.Dropped("unicast");
        }
    }

    // The relay that sent the datagram is believed first; one more than are trusted might be made up by the client.
    private Line? FindLine(LineSnapshot snapshot, ClientMessage client, List<RelayHop> hops, string link)
    {
        var hasSaid = false;
        foreach (var hop in hops.Take(_options.TrustedRelays))
        {
            hasSaid |= hop.Place.SaysWho;
            if (hop.Place.Find(snapshot) is { } line)
            {
                return line;
            }
        }

        return hasSaid ? null
            : hops.Count == 0 && snapshot.ByCircuit(link, null) is { } onLink ? onLink
            : client.Duid.Length > 0 ? snapshot.ByCircuit(null, "duid:" + client.Duid)
            : null;
    }

    private void NoteStranger(ClientMessage client, List<RelayHop> hops, RadiusSource source)
    {
        var place = PlaceOf(hops, source, "");
        _notes.Note(
            Dhcp6Events.UnknownClient, place.Length > 0 && hops.Exists(static hop => hop.Place.SaysWho) ? place : client.Duid, null, new() { ["duid"] = client.Duid, ["relay"] = place, ["message"] = client.Type.ToString() }, isStranger: true);
    }

    private static string PlaceOf(List<RelayHop> hops, RadiusSource source, string link)
    {
        if (hops.Count == 0)
        {
            return link;
        }

        var place = string.Join(" / ", hops.Select(static hop => hop.Place.ToString()).Where(static text => text.Length > 0));
        return $"{source.ToAddress()} {place}".Trim() is var text && text.Length > 400 ? text[..400] : text;
    }

    [ThreadStatic]
    private static byte[]? _buffer;

    [ThreadStatic]
    private static byte[]? _spare;

    private byte[] Write(Question asked, Answer answer)
    {
        _buffer ??= new byte[LongestAnswer];
        _spare ??= new byte[LongestAnswer];
        var length = answer.Write(asked.Client, asked.Duid, _options.Preference, asked.Hops, _buffer, _spare);
        return length > 0 ? _buffer[..length] : throw new InvalidOperationException($"the answer to {asked.Client.Type} of {asked.Client.Duid} is longer than {LongestAnswer} octets");
    }

    private void Send(Question asked, byte[] octets)
    {
        // RFC 8415 section 19.3 and 18.3.10; RFC 8357 section 5.2
        var port = asked.Hops.Count > 0 ? asked.Hops[0].Port is not null ? 0 : _options.RelayPort : _options.ClientPort;
        var to = asked.From;
        if (port != 0 && port != asked.Source.Port)
        {
            to = Copy(to);
            to.Buffer.Span[2] = (byte)(port >> 8);
            to.Buffer.Span[3] = (byte)port;
        }

        _metrics.Answered(asked.Answered);
        asked.Socket.Send(octets, to);
    }

    private static SocketAddress Copy(SocketAddress from)
    {
        var copy = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(copy.Buffer.Span);
        return copy;
    }

    /// <summary>A message and the way back to who sent it.</summary>
    private sealed record Question(Dhcp6Server Server, DhcpSocket Socket, SocketAddress From, RadiusSource Source, ClientMessage Client, List<RelayHop> Hops, byte[] Duid) : ILeaseQuestion
    {
        /// <summary>Set before anything is decided.</summary>
        public LeaseAsker Asker { get; set; } = null!;

        public Dhcp6Type Answered { get; private set; } = Dhcp6Type.Reply;

        public bool MayChange => Client.Type is not (Dhcp6Type.Confirm or Dhcp6Type.InformationRequest) && (Client.Type != Dhcp6Type.Solicit || Client.WantsRapidCommit);

        public byte[]? Decide(LeaseChanges changes)
        {
            var judge = new AnswerMaker(Server._desk, Server._answers, Server._notes, Server._declines, Server._options, Asker, changes);
            if (judge.Make(Client) is not { } answer)
            {
                return null;
            }

            Answered = answer.Type;
            return Server.Write(this, answer);
        }

        public ILeaseQuestion Kept() => this with { From = Copy(From) };

        public void Send(byte[] answer) => Server.Send(this, answer);
    }
}
