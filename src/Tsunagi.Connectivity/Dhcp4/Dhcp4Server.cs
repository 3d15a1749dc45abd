using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>
/// The way of a client's message (RFC 2131 section 4.3), on the thread of its socket: (1) it is read, and must be what its kind may be; (2) it comes from a relay that is known, was sent to all on a link that
/// is served, or comes from the address of a lease; who chose another server is that one's; (3) its line is found: by what the relay says about the place, by the link, by the client's hardware address or
/// ids, or by the lease that it goes on with; what came by unicast without a relay may come from anywhere, so that only the lease is believed; (4) who floods is not looked at; (5) with the book's turn held it is decided what the client gets (<see cref="LeaseDesk"/>), and the answer is written; what it promises is on the disk
/// before it is sent (<see cref="LeaseReplies"/>). An Offer promises nothing for longer than the pool keeps it for its line.
/// </summary>
internal sealed partial class Dhcp4Server : IHostedService, IDisposable
{
    private const string Family = "DHCPv4";
    private const string Setting = "connectivity.dhcp4";
    private const string UnknownLine = "unknown-line";
    private const string UnknownRelay = "unknown-relay";

    private readonly Dhcp4ServerOptions _options;
    private readonly LineSnapshotHolder _lines;
    private readonly LeaseBook _book;
    private readonly LeaseDesk _desk;
    private readonly LeaseKeeper _keeper;
    private readonly AddressShares _shares;
    private readonly Dhcp4Notes _notes;
    private readonly Dhcp4Metrics _metrics;
    private readonly ILogger _programLog;
    private readonly Dhcp4Answers _answers;
    private readonly KnownRelays _relays;
    private readonly FloodGuard _floods;
    private readonly MessageLimit _declines;
    private readonly LeaseReplies _replies;
    private readonly IPAddress? _anyAddress;
    private readonly Dictionary<string, ServedLink> _links = new(StringComparer.Ordinal);
    private readonly HashSet<IPAddress> _own = [];
    private readonly DhcpListeners _listeners;
    private readonly CancellationTokenSource _stopping = new();

    public Dhcp4Server(
        ConnectivityOptions options, LineSnapshotHolder lines, LeaseLog leases, LeaseBook book, LeaseDesk desk, LeaseKeeper keeper, LeaseProjector projector, AddressShares shares, Dhcp4Notes notes, Dhcp4Metrics metrics,
        TimeProvider time, ILogger<Dhcp4Server> log)
    {
        _options = options.Dhcp4;
        (_lines, _book, _desk, _keeper, _shares, _notes, _metrics, _programLog) = (lines, book, desk, keeper, shares, notes, metrics, log);
        _answers = new Dhcp4Answers(_options);
        _relays = new KnownRelays(_options.Relays, $"{Setting}.relays", notes, Dhcp4Events.UnknownRelay);
        _floods = new FloodGuard(time, _options.MessagesPerMinute, notes, Dhcp4Events.Flooded);
        _declines = new MessageLimit(time, _options.DeclinesPerHour, TimeSpan.FromHours(1));
        _listeners = new DhcpListeners(Family, _options.Threads, _options.ReceiveBufferBytes, time, log);
        _replies = new LeaseReplies(Family, leases, book, desk, projector, _options.MostInFlight, options.Dhcp6.ExpiryGrace / 2, metrics, time, log);
        _anyAddress = _options.ServerAddress.Length > 0 ? Address(_options.ServerAddress, $"{Setting}.serverAddress") : null;
    }

    /// <summary>Where relays are heard; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _listeners.EndPoints;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _listeners.Faults;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Links.GroupBy(static link => link.Interface, StringComparer.Ordinal).FirstOrDefault(static each => each.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"{Setting}.links: \"{twice.Key}\" stands there twice");
        }

        foreach (var text in _options.Listen)
        {
            var at = IPEndPoint.TryParse(text, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork ? parsed : throw new InvalidOperationException($"{Setting}.listen: \"{text}\" is no IPv4 address and port");
            _own.Add(!at.Address.Equals(IPAddress.Any) ? at.Address : _anyAddress ?? throw new InvalidOperationException($"{Setting}.listen: clients know a server by an address: \"{text}\" needs {Setting}.serverAddress"));
            _listeners.Bind(at);
        }

        foreach (var link in _options.Links)
        {
            _listeners.Bind(link.Interface, new IPEndPoint(IPAddress.Any, link.Port), (socket, properties) => Join(link, socket, properties));
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
        foreach (var link in _links.Values)
        {
            link.Sender?.Dispose();
        }
    }

    private static IPAddress Address(string text, string where) => PoolSettings.Address(text, AddressFamily.InterNetwork, where);

    private void Join(Dhcp4LinkOption link, Socket socket, IPInterfaceProperties properties)
    {
        var server = link.ServerAddress.Length > 0
            ? Address(link.ServerAddress, $"{Setting}.links: {link.Interface}.serverAddress")
            : properties.UnicastAddresses.FirstOrDefault(static each => each.Address.AddressFamily == AddressFamily.InterNetwork)?.Address ?? throw new IOException($"receiving {Family} on {link.Interface}: it has no IPv4 address, which clients know a server by");
        socket.EnableBroadcast = true;
        LinkSender? sender = null;
        try
        {
            sender = new LinkSender(properties.GetIPv4Properties().Index);
        }
        catch (Win32Exception refused)
        {
            LogBroadcasts(_programLog, refused, link.Interface);
        }

        _own.Add(server);
        _links.Add(link.Interface, new ServedLink(server, sender, link.TrustRelayInformation));
    }

    private void Take(DhcpSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, bool isToAll)
    {
        if (_keeper.Duid is null || !_lines.IsFilled)
        {
            _metrics.Dropped("starting");
            return;
        }

        if (socket.Link.Length == 0 && isToAll)
        {
            // A link's, where it is one of ours: its socket has it too.
            _metrics.Dropped("broadcast");
            return;
        }

        // (1)
        if (datagram.Length > Dhcp4Client.LongestMessage)
        {
            _metrics.Dropped("too-long");
            return;
        }

        if (!Dhcp4Message.TryParse(datagram, null, out var message, out _))
        {
            _metrics.Dropped("malformed");
            return;
        }

        if (!Dhcp4Client.TryRead(message, out var client, out var whyNot))
        {
            _metrics.Dropped(whyNot);
            return;
        }

        // (2)
        _metrics.Received(client.Type);
        var snapshot = _lines.Current;
        var source = RadiusSource.Of(from);
        var link = socket.Link.Length > 0 ? _links[socket.Link] : null;
        if (client.Relay is { } relay && !(_relays.Has(source, snapshot) && (source.ToAddress().Equals(relay) || _relays.Has(RadiusSource.Of(new IPEndPoint(relay, 0).Serialize()), snapshot))))
        {
            _metrics.Dropped(UnknownRelay);
            return;
        }

        var isOnLink = client.Relay is null && link is not null && isToAll;
        var information = client.Relay is not null || (isOnLink && link!.TrustsInformation) ? client.Information : null;
        if (client.ServerId is { } chosen && !chosen.Equals(information?.Server) && !_own.Contains(chosen))
        {
            _metrics.Dropped("other-server");
            return;
        }

        // (3)
        var isPlaced = client.Relay is not null || isOnLink;
        var line = isPlaced ? FindLine(snapshot, client, information, socket.Link) : null;
        line ??= OfLease(snapshot, client, source);
        if (line is null)
        {
            if (isPlaced)
            {
                NoteStranger(client, information, source);
            }

            _metrics.Dropped(isPlaced ? UnknownLine : "not-relayed");
            return;
        }

        // (4)
        if (!_floods.MayCome(line, "client", client.Id))
        {
            _metrics.Dropped("flood");
            return;
        }

        // (5)
        var server = information?.Server ?? link?.Server ?? (socket.EndPoint.Address.Equals(IPAddress.Any) ? _anyAddress! : socket.EndPoint.Address);
        var asker = new LeaseAsker(line, client.Id, PlaceOf(client, information, socket.Link), Convert.ToHexStringLower(client.Hardware));
        _replies.Answer(new Question(this, socket, source, isToAll ? link : null, client, information, server, asker), _stopping.Token);
    }

    private Line? FindLine(LineSnapshot snapshot, Dhcp4Client client, RelayInformation? information, string link)
    {
        if (information is { Place: { SaysWho: true } place })
        {
            return place.Find(snapshot);
        }

        return (client.Relay is null ? snapshot.ByCircuit(link, null) : null)
            ?? (client.Hardware.Length > 0 ? snapshot.ByCircuit(null, "mac:" + Convert.ToHexStringLower(client.Hardware)) : null)
            ?? (client.ClientId is not null ? snapshot.ByCircuit(null, "client:" + client.Id) : null)
            ?? (client.Duid.Length > 0 ? snapshot.ByCircuit(null, "duid:" + client.Duid) : null);
    }

    // RFC 2131 section 4.3.6: who renews or gives back asks its server by unicast, past the relay that would say whose it is. It sends from the address that it has, and names itself as it did when it got it.
    private Line? OfLease(LineSnapshot snapshot, Dhcp4Client client, RadiusSource source)
    {
        if (client.Relay is not null || client.Using is not { } address || client.Type is Dhcp4Type.Discover or Dhcp4Type.Decline || !source.ToAddress().Equals(address.Address))
        {
            return null;
        }

        lock (_book.Turn)
        {
            return _book.OfPart(address) is { Kind: LeaseKind.Address4 } lease && lease.Duid == client.Id ? snapshot.ById(lease.LineId) : null;
        }
    }

    private void NoteStranger(Dhcp4Client client, RelayInformation? information, RadiusSource source)
    {
        var place = information?.Place.ToString() is { Length: > 0 } said ? $"{source.ToAddress()} {said}" : "";
        _notes.Note(
            Dhcp4Events.UnknownClient, place.Length > 0 ? place : client.Id, null, new() { ["client"] = client.Id, ["relay"] = client.Relay?.ToString() ?? "", ["place"] = place, ["message"] = client.Type.ToString() }, isStranger: true);
    }

    private static string PlaceOf(Dhcp4Client client, RelayInformation? information, string link) =>
        $"{client.Relay?.ToString() ?? link} {information?.Place}".Trim() is var text && text.Length > 400 ? text[..400] : text;

    [ThreadStatic]
    private static byte[]? _buffer;

    [LoggerMessage(5251, LogLevel.Warning, "clients without an address on {Interface} are answered by broadcast: a socket for their hardware addresses is refused")]
    private static partial void LogBroadcasts(ILogger log, Exception exception, string @interface);

    /// <summary>A link that clients are on.</summary>
    private sealed record ServedLink(IPAddress Server, LinkSender? Sender, bool TrustsInformation);

    /// <summary>A message and the way back to who sent it.</summary>
    /// <param name="Link">The link that it was sent to all of; null for what came through a relay, or by unicast, perhaps from further away.</param>
    private sealed record Question(
        Dhcp4Server Node, DhcpSocket Socket, RadiusSource Source, ServedLink? Link, Dhcp4Client Client, RelayInformation? Information, IPAddress Server, LeaseAsker Asker) : ILeaseQuestion
    {
        private const int LongestAnswer = 2_048;

        private Dhcp4Answer? Answered { get; set; }

        public bool MayChange => Client.Type != Dhcp4Type.Inform && (Client.Type != Dhcp4Type.Discover || Client.WantsRapidCommit);

        public byte[]? Decide(LeaseChanges changes)
        {
            var judge = new Dhcp4AnswerMaker(Node._desk, Node._book, Node._shares, Node._answers, Node._notes, Node._declines, Node._options, Node._own, Asker, Information?.Link, changes);
            if (judge.Make(Client) is not { } answer)
            {
                return null;
            }

            Answered = answer;
            if (answer.Type == Dhcp4Type.None)
            {
                return [];
            }

            _buffer ??= new byte[LongestAnswer];
            var length = answer.Write(Client, Server, Information?.Octets, _buffer);
            return length > 0 ? _buffer[..length] : throw new InvalidOperationException($"the answer to {Client.Type} of {Client.Id} is longer than {LongestAnswer} octets");
        }

        // Nothing of it is the socket's.
        public ILeaseQuestion Kept() => this;

        // RFC 2131 section 4.1
        public void Send(byte[] answer)
        {
            if (answer.Length == 0)
            {
                return;
            }

            var type = Answered!.Type;
            Node._metrics.Answered(type);
            if (Client.Relay is { } relay)
            {
                // RFC 8357 section 5.4
                var port = Information?.HasPort == true ? 0 : Node._options.RelayPort;
                SendTo(answer, relay, port);
            }
            else if (Link is null)
            {
                SendTo(answer, Source.ToAddress(), Node._options.ClientPort);
            }
            else if (type == Dhcp4Type.Nak || (Client.IsBroadcast && Client.Using is null) || !TrySendOnLink(answer, Client.Using ?? Answered.Address))
            {
                SendTo(answer, type != Dhcp4Type.Nak && Client.Using is { } has ? has.Address : IPAddress.Broadcast, Node._options.ClientPort);
            }
        }

        private void SendTo(byte[] answer, IPAddress address, int port) => Socket.Send(answer, new IPEndPoint(address, port == 0 ? Source.Port : port).Serialize());

        // Past ARP: who has no address yet could not answer it.
        private bool TrySendOnLink(byte[] answer, AddressBlock? to)
        {
            if (to is not { } address || Link?.Sender is not { } sender || !Client.IsEthernet)
            {
                return false;
            }

            var port = Node._options.ClientPort == 0 ? Source.Port : (ushort)Node._options.ClientPort;
            return sender.Send(answer, Server.GetAddressBytes(), (ushort)Socket.EndPoint.Port, address.Address.GetAddressBytes(), port, Client.Hardware);
        }
    }
}
