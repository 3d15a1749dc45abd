using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>What a connection gives its packets to.</summary>
internal sealed record RadSecServers(RadSecOptions Options, NasHealth Nases, AccessServer Access, AccountingServer Accounting, ConnectivityMetrics Metrics, TimeProvider Time, ILogger Log);

/// <summary>
/// One access server's connection, after its handshake. Reads packets and hands them on; answers come from any thread and are written by one. Who sends what is no packet or not authentic,
/// or does not read its answers, is cut (RFC 6613 section 2.6.4); so is whoever's access server was removed or now states another certificate.
/// </summary>
internal sealed partial class RadSecConnection : IAnswerWay
{
    private const int LongestPacket = 4_096;
    private const uint UnsupportedExtension = 406;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>RFC 6614 section 2.3: what packets inside TLS are signed with.</summary>
    internal static readonly RadiusSecret Secret = new("radsec"u8);

    private readonly string? _certificate;
    private readonly RadiusSource _source;
    private readonly TlsSession _session;
    private readonly RadSecServers _servers;
    private readonly RadSecQuestions _questions;
    private readonly Action _cut;
    private readonly Channel<byte[]> _answers;
    private readonly byte[] _packet = new byte[LongestPacket];
    private readonly byte[] _answer = new byte[LongestPacket];
    private long _heardAt;

    /// <param name="cut">Ends the connection at once; may be called at any time.</param>
    public RadSecConnection(Nas nas, IPEndPoint from, TlsSession session, Action cut, RadSecServers servers)
    {
        (NasId, _certificate, From, _session, _cut, _servers) = (nas.NasId, nas.Certificate, from, session, cut, servers);
        _source = RadiusSource.Of(from.Serialize());
        _questions = new RadSecQuestions(this, servers.Time);
        _answers = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(servers.Options.MostAnswersWaiting) { SingleReader = true });
        OpenedAt = _heardAt = servers.Time.NowMicros();
    }

    public string NasId { get; }

    public IPEndPoint From { get; }

    /// <summary>"TLS1.3".</summary>
    public string Protocol => _session.Protocol;

    /// <summary>µs since 1970.</summary>
    public long OpenedAt { get; }

    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>Requests of our own to the access server, the other way by its connection.</summary>
    public RadSecQuestions Questions => _questions;

    /// <summary>Reads until either side is done.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _servers.Time);
        var writing = WriteAsync(late.Token);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            // What is answered is still written, when it is read.
            _questions.Close();
            _answers.Writer.TryComplete();
            late.CancelAfter(LastWords);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Puts a packet on its way. Who does not read until too many wait is cut.</summary>
    public void Send(ReadOnlySpan<byte> answer)
    {
        if (!_answers.Writer.TryWrite(answer.ToArray()))
        {
            _cut();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var clock = new CancellationTokenSource(_servers.Options.IdleAfter, _servers.Time);
        await using var _ = clock.Token.Register(idle.Cancel);
        while (true)
        {
            var read = await _session.Input.ReadAsync(idle.Token);
            clock.CancelAfter(_servers.Options.IdleAfter);
            var rest = read.Buffer;
            while (TryCut(ref rest, out var length))
            {
                if (!Take(_packet.AsSpan(0, length)))
                {
                    return;
                }
            }

            // A length that no packet has can not be read over: where the next begins is not known.
            if (read.IsCompleted || IsBroken(rest))
            {
                return;
            }

            _session.Input.AdvanceTo(rest.Start, rest.End);
        }
    }

    private bool TryCut(ref ReadOnlySequence<byte> rest, out int length)
    {
        length = LengthOf(rest);
        if (length < RadiusPacket.HeaderOctets || length > LongestPacket || rest.Length < length)
        {
            return false;
        }

        rest.Slice(0, length).CopyTo(_packet);
        rest = rest.Slice(length);
        return true;
    }

    private static bool IsBroken(ReadOnlySequence<byte> rest) => LengthOf(rest) is >= 0 and (< RadiusPacket.HeaderOctets or > LongestPacket);

    // -1 as long as it has not come.
    private static int LengthOf(ReadOnlySequence<byte> rest)
    {
        Span<byte> head = stackalloc byte[4];
        if (rest.Length < head.Length)
        {
            return -1;
        }

        rest.Slice(0, head.Length).CopyTo(head);
        return BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
    }

    // (3) of the way; false ends the connection.
    private bool Take(ReadOnlySpan<byte> packet)
    {
        var snapshot = _servers.Nases.Snapshot;
        if (snapshot.NasById(NasId) is not { } nas || nas.Certificate != _certificate)
        {
            return false;
        }

        var state = _servers.Nases.StateOf(nas);
        var now = _servers.Time.NowMicros();
        state.LastMicros = now;
        Volatile.Write(ref _heardAt, now);
        var asker = new RadiusAsker(nas, state, Secret, _source, this, IsSecured: true);
        try
        {
            switch ((RadiusCode)packet[0])
            {
                case RadiusCode.AccessRequest or RadiusCode.StatusServer:
                    return _servers.Access.Take(asker, snapshot, packet, _answer);
                case RadiusCode.AccountingRequest:
                    return _servers.Accounting.Take(asker, snapshot, packet, _answer);
                case RadiusCode.DisconnectAck or RadiusCode.DisconnectNak or RadiusCode.CoaAck or RadiusCode.CoaNak:
                    return _questions.Answered(packet);
                case RadiusCode.DisconnectRequest:
                    return Decline(packet, RadiusCode.DisconnectNak);
                case RadiusCode.CoaRequest:
                    return Decline(packet, RadiusCode.CoaNak);
                default:
                    _servers.Metrics.Dropped("unasked");
                    return true;
            }
        }
        catch (Exception broken)
        {
            // The one place for what our own code gets wrong with a packet: it is not answered, the connection lives.
            LogFault(_servers.Log, broken, nas.Name);
            return true;
        }
    }

    // (4)
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _answers.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_answers.Reader.TryRead(out var answer))
                {
                    _session.Output.Write(answer);
                }

                await _session.Output.FlushAsync(cancellationToken);
            }
        }
        catch
        {
            _cut();
            throw;
        }
    }

    // RFC 6614 section 2.5: who asks what is not done here is told so.
    private bool Decline(ReadOnlySpan<byte> packet, RadiusCode code)
    {
        if (!RadiusPacket.TryParse(packet, null, out var request, out _) || !Secret.VerifyRequest(request))
        {
            return false;
        }

        var writer = new RadiusWriter(_answer, code, request.Identifier);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.ErrorCause, UnsupportedExtension);
        if (writer.TryFinishAnswer(Secret, request.Authenticator, out var length))
        {
            Send(_answer.AsSpan(0, length));
        }

        return true;
    }

    [LoggerMessage(5182, LogLevel.Error, "a packet of the access server {Nas} over TLS could not be handled and is not answered; it asks again")]
    private static partial void LogFault(ILogger log, Exception exception, string nas);
}
