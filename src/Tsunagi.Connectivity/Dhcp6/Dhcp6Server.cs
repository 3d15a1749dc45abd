using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>
/// The way of a client's message (RFC 8415 section 18.3), on the thread of its socket: (1) the datagram comes from a relay that is known, or on a link that is served; (2) it is unwrapped and must be what
/// its kind may be; (3) its line is found: by what the relays say about the place, nearest first, else by the client's DUID; (4) who floods is not looked at; (5) with the book's turn held it is decided what
/// each association gets (<see cref="LeaseDesk"/>), the answer is written, and what it promises or takes back is appended to the log; (6) when that is on the disk, and only then, the answer is sent. What
/// goes on that another node gave waits for the store too: that node must not give it to somebody else. What cannot be written is not answered, and the client asks again, here or another node.
/// </summary>
internal sealed partial class Dhcp6Server : IHostedService, IDisposable
{
    private const int LongestAnswer = 8_192;
    private const string UnknownLine = "unknown-line";
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly Dhcp6ServerOptions _options;
    private readonly LineSnapshotHolder _lines;
    private readonly LeaseLog _log;
    private readonly LeaseBook _book;
    private readonly LeaseDesk _desk;
    private readonly LeaseKeeper _keeper;
    private readonly LeaseProjector _projector;
    private readonly Dhcp6Notes _notes;
    private readonly Dhcp6Metrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _programLog;
    private readonly PoolAnswers _answers;
    private readonly IPNetwork[] _relays;
    private readonly MessageLimit _messages;
    private readonly MessageLimit _declines;
    private readonly InterfaceNames _interfaces = new();
    private readonly List<Dhcp6Listener> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private volatile KnownRelay? _lastRelay;
    private int _inFlight;
    private long _failedAt;

    public Dhcp6Server(
        ConnectivityOptions options, LineSnapshotHolder lines, LeaseLog leases, LeaseBook book, LeaseDesk desk, LeaseKeeper keeper, LeaseProjector projector, Dhcp6Notes notes, Dhcp6Metrics metrics, TimeProvider time,
        ILogger<Dhcp6Server> log)
    {
        _options = options.Dhcp6;
        (_lines, _log, _book, _desk, _keeper, _projector, _notes, _metrics, _time, _programLog) = (lines, leases, book, desk, keeper, projector, notes, metrics, time, log);
        _answers = new PoolAnswers(_options);
        _relays = [.. _options.Relays.Select(static text => IPNetwork.TryParse(text, out var network) ? network : throw new InvalidOperationException($"connectivity.dhcp6.relays: \"{text}\" is no network"))];
        _messages = new MessageLimit(time, _options.MessagesPerMinute, TimeSpan.FromMinutes(1));
        _declines = new MessageLimit(time, _options.DeclinesPerHour, TimeSpan.FromHours(1));
    }

    /// <summary>Where relays are heard; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(static listener => listener.EndPoint)];

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _listeners.Sum(static listener => listener.Faults);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var text in _options.Listen)
        {
            _listeners.Add(Dhcp6Listener.Bind(text, _options, _time, _programLog));
        }

        foreach (var link in _options.Links)
        {
            _listeners.Add(Dhcp6Listener.Bind(link, _options, _time, _programLog));
        }

        foreach (var listener in _listeners)
        {
            listener.Start(Take);
        }

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

        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        _listeners.Clear();
    }

    private void Take(Dhcp6Socket socket, SocketAddress from, ReadOnlySpan<byte> datagram, bool isMulticast)
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
        if (message.IsRelay ? !IsRelay(source, snapshot) : socket.Link.Length == 0)
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
        var asked = new Question(socket, from, source, client, hops, duid);
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
        if (!_messages.MayCome(line.LineId, out var isFirst))
        {
            if (isFirst)
            {
                _notes.Note(Dhcp6Events.Flooded, line.LineId, line.TenantPath, new() { ["duid"] = client.Duid, ["perMinute"] = _options.MessagesPerMinute.ToString(CultureInfo.InvariantCulture) });
            }

            _metrics.Dropped("flood");
            return;
        }

        Decide(asked, new LeaseAsker(line, client.Duid, PlaceOf(hops, source, socket.Link), hops.Select(static hop => hop.Hardware).LastOrDefault(static hardware => hardware is not null) is { } hardware ? Convert.ToHexStringLower(hardware) : "", NextHopOf(asked)));
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
            Send(asked, Write(asked, new Answer(Dhcp6Type.Reply) { Status = Dhcp6Status.UseMulticast }));
        }
        else
        {
            _metrics.Dropped("unicast");
        }
    }

    private bool IsRelay(RadiusSource source, LineSnapshot snapshot)
    {
        if (_lastRelay is { } last && last.Source == source.Address && ReferenceEquals(last.Snapshot, snapshot))
        {
            return true;
        }

        var address = source.ToAddress();
        var isRelay = snapshot.NasBySource(address) is not null || Array.Exists(_relays, network => network.Contains(address));
        if (isRelay)
        {
            _lastRelay = new KnownRelay(snapshot, source.Address);
        }
        else
        {
            _notes.Note(Dhcp6Events.UnknownRelay, address.ToString(), null, new() { ["address"] = address.ToString() }, isStranger: true);
        }

        return isRelay;
    }

    // The relay that sent the datagram is believed first; one more than are trusted might be made up by the client.
    private Line? FindLine(LineSnapshot snapshot, ClientMessage client, List<RelayHop> hops, string link)
    {
        var hasSaid = false;
        foreach (var hop in hops.Take(_options.TrustedRelays))
        {
            hasSaid |= hop.SaysWho;
            if (hop.Find(snapshot) is { } line)
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
            Dhcp6Events.UnknownClient, place.Length > 0 && hops.Exists(static hop => hop.SaysWho) ? place : client.Duid, null, new() { ["duid"] = client.Duid, ["relay"] = place, ["message"] = client.Type.ToString() }, isStranger: true);
    }

    private static string PlaceOf(List<RelayHop> hops, RadiusSource source, string link)
    {
        if (hops.Count == 0)
        {
            return link;
        }

        var place = string.Join(" / ", hops.Select(static hop => hop.ToString()).Where(static text => text.Length > 0));
        return $"{source.ToAddress()} {place}".Trim() is var text && text.Length > 400 ? text[..400] : text;
    }

    // (5)
    private void Decide(Question asked, LeaseAsker asker)
    {
        var changes = new LeaseChanges();
        byte[] octets;
        List<ValueTask<LogPosition>> written;
        lock (_book.Turn)
        {
            var judge = new AnswerMaker(_desk, _answers, _notes, _declines, _options, asker, changes);
            if (judge.Make(asked.Client) is not { } answer)
            {
                _metrics.Dropped("nothing-to-say");
                return;
            }

            octets = Write(asked, answer);
            if (changes.Written.Count == 0)
            {
                _metrics.Answered(answer.Type);
                Send(asked, octets);
                return;
            }

            if (Interlocked.Increment(ref _inFlight) > _options.MostInFlight)
            {
                Interlocked.Decrement(ref _inFlight);
                _metrics.Dropped("full");
                return;
            }

            try
            {
                written = [.. changes.Written.Select(each => _log.AppendAsync(each.Step, each.Lease))];
            }
            catch (Exception failed)
            {
                Interlocked.Decrement(ref _inFlight);
                TellFailure(failed);
                return;
            }
        }

        _ = SendWhenSyncedAsync(asked.Kept(), octets, changes, written);
    }

    // (6)
    private async Task SendWhenSyncedAsync(Question asked, byte[] octets, LeaseChanges changes, List<ValueTask<LogPosition>> written)
    {
        try
        {
            var last = default(LogPosition);
            foreach (var each in written)
            {
                last = await each.ConfigureAwait(false);
            }

            if (changes.Ended.Count > 0)
            {
                lock (_book.Turn)
                {
                    _desk.Follow(changes);
                }
            }

            if (changes.NeedsStore)
            {
                await _projector.ReachedAsync(last, _options.ExpiryGrace / 2, _stopping.Token).ConfigureAwait(false);
            }

            _metrics.Answered(Dhcp6Type.Reply);
            Send(asked, octets);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
        catch (Exception failed)
        {
            // Not on the disk, so not answered.
            TellFailure(failed);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
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

        asked.Socket.Send(octets, to);
    }

    private static SocketAddress Copy(SocketAddress from)
    {
        var copy = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(copy.Buffer.Span);
        return copy;
    }

    private void TellFailure(Exception failure)
    {
        _metrics.Dropped("not-written");
        if (_failedAt == 0 || _time.GetElapsedTime(_failedAt) > FailureEvery)
        {
            _failedAt = _time.GetTimestamp();
            LogNotWritten(_programLog, failure);
        }
    }

    [LoggerMessage(5241, LogLevel.Error, "a lease of DHCPv6 could not be written down and its client is not answered; it asks again")]
    private static partial void LogNotWritten(ILogger log, Exception exception);

    /// <summary>Who sent last, as of a snapshot.</summary>
    private sealed record KnownRelay(LineSnapshot Snapshot, UInt128 Source);

    /// <summary>A message and the way back to who sent it.</summary>
    private sealed record Question(Dhcp6Socket Socket, SocketAddress From, RadiusSource Source, ClientMessage Client, List<RelayHop> Hops, byte[] Duid)
    {
        /// <summary>The same for an answer that comes later: the sender's address stays as it is.</summary>
        public Question Kept() => this with { From = Copy(From) };
    }
}
