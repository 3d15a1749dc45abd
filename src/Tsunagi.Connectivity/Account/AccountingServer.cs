using System.Net;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// The way of an Accounting-Request: (1) the datagram comes, and its source must be a NAS; (2) it must be a whole Accounting-Request (or Status-Server), its authenticator right; (3) the same
/// request again gets the same octets, or waits for the answer that is under way; (4) its line is found: by Class, by user name, by circuit; what is of
/// another's realm has none and goes to that realm's home servers; (5) packet and line are appended to the log; (6) when that is on the disk, and a home server has acknowledged what is its, and only then,
/// the answer is sent. What the sessions are is made from the log later (<see cref="SessionProjector"/>). What cannot be written is not answered:
/// the NAS keeps it and sends it again, here or to another node.
/// </summary>
internal sealed partial class AccountingServer(
    ConnectivityOptions options, NasHealth nases, AccountingLog accounting, OpenSessions sessions, ConnectivityMetrics metrics, TimeProvider time, ILogger<AccountingServer> log, RadiusProxy? proxy = null)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);
    private static readonly Task<bool> Done = Task.FromResult(true);

    private readonly AccountOptions _options = options.Account;
    private readonly DuplicateCache _duplicates = new(time, options.Authenticate.AnswersKept, options.Authenticate.MostAnswersKept, options.Proxy.LongestWay);
    private readonly RecordPrefixes _prefixes = new(options.Authenticate.InterimInterval);
    private readonly List<RadiusListener> _listeners = [];
    private int _inFlight;
    private long _failedAt;
    private long _proxyFailedAt;

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(static listener => listener.EndPoint)];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var text in _options.Listen)
        {
            if (!IPEndPoint.TryParse(text, out _))
            {
                throw new InvalidOperationException($"connectivity.account.listen: \"{text}\" is no address and port");
            }

            _listeners.Add(RadiusListener.Bind("RADIUS accounting", text, _options.Threads, _options.ReceiveBufferBytes, time, log));
        }

        foreach (var listener in _listeners)
        {
            listener.Start(Take);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        _listeners.Clear();
    }

    private void Take(RadiusSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, Span<byte> answer)
    {
        // (1)
        var source = RadiusSource.Of(from);
        var snapshot = nases.Snapshot;
        if (nases.Find(source, snapshot, out var state) is { } nas)
        {
            Take(new RadiusAsker(nas, state!, state!.Secret, source, socket.WayTo(from, source), IsSecured: false), snapshot, datagram, answer);
        }
        else
        {
            metrics.Dropped("unknown-nas");
        }
    }

    /// <summary>From (2) on: the request of whoever is known. False when it is no whole packet of a kind that is asked here, or not authentic.</summary>
    internal bool Take(in RadiusAsker asker, LineSnapshot snapshot, ReadOnlySpan<byte> datagram, Span<byte> answer)
    {
        // (2)
        if (!RadiusPacket.TryParse(datagram, null, out var request, out _) || request.Code is not (RadiusCode.AccountingRequest or RadiusCode.StatusServer))
        {
            metrics.Dropped("malformed");
            return false;
        }

        if (!IsAuthentic(request, asker.Secret))
        {
            asker.State.CountBadSignature();
            metrics.Dropped("bad-signature");
            return false;
        }

        // (3)
        switch (_duplicates.Begin(asker.Source, request.Identifier, request.Authenticator, answer, out var length))
        {
            case DuplicateState.Answered:
                metrics.Duplicate();
                asker.Way.Send(answer[..length]);
                return true;
            case DuplicateState.InWork:
                metrics.Duplicate();
                return true;
        }

        asker.State.CountAccounting();
        length = Write(request, asker.Secret, answer);
        if (request.Code == RadiusCode.StatusServer)
        {
            _duplicates.Keep(asker.Source, request.Identifier, request.Authenticator, answer[..length]);
            asker.Way.Send(answer[..length]);
        }
        else
        {
            Append(asker, snapshot, request, answer[..length]);
        }

        return true;
    }

    // (4) and (5)
    private void Append(in RadiusAsker asker, LineSnapshot snapshot, RadiusPacket request, ReadOnlySpan<byte> answer)
    {
        var work = new Work(asker, request, answer);
        if (Interlocked.Increment(ref _inFlight) > _options.MostInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            Forget(work);
            metrics.Dropped("accounting-full");
            return;
        }

        ValueTask<LogPosition> synced;
        var relayed = Done;
        try
        {
            var realm = proxy?.RealmOf(request, snapshot);
            var line = realm is null ? FindLine(snapshot, request) : null;
            synced = accounting.AppendAsync(AccountingRecord.Write(_prefixes.Of(asker.Nas, line), asker.Source, request.Octets), realm is { Accounting: RelayedAccounting.Stored });
            Note(asker.Nas, line, request);
            if (realm is { Accounting: RelayedAccounting.Through })
            {
                relayed = proxy!.AccountAsync(asker.Secret, realm, request.Octets.ToArray());
            }
        }
        catch (Exception failed)
        {
            Interlocked.Decrement(ref _inFlight);
            Forget(work);
            TellFailure(failed);
            return;
        }

        _ = AnswerWhenSyncedAsync(synced, relayed, work);
    }

    // (6)
    private async Task AnswerWhenSyncedAsync(ValueTask<LogPosition> synced, Task<bool> relayed, Work work)
    {
        try
        {
            await synced.ConfigureAwait(false);
            if (!await AcknowledgedAsync(relayed).ConfigureAwait(false))
            {
                Forget(work);
                return;
            }

            _duplicates.Keep(work.Source, work.Identifier, work.Authenticator, work.Answer);
            work.Way.Send(work.Answer);
            metrics.Accounted();
        }
        catch (Exception failed)
        {
            // Not on the disk, so not answered.
            Forget(work);
            TellFailure(failed);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    // A fault of ours on the way to a home server is none of the log's.
    private async Task<bool> AcknowledgedAsync(Task<bool> relayed)
    {
        try
        {
            return await relayed.ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            metrics.Dropped("proxy-failed");
            if (_proxyFailedAt == 0 || time.GetElapsedTime(_proxyFailedAt) > FailureEvery)
            {
                _proxyFailedAt = time.GetTimestamp();
                LogNotProxied(log, failed);
            }

            return false;
        }
    }

    private void Forget(Work work) => _duplicates.Forget(work.Source, work.Identifier, work.Authenticator);

    // RFC 2866 section 3: the authenticator is a hash over packet and secret; Status-Server needs a Message-Authenticator (RFC 5997 section 3).
    private static bool IsAuthentic(RadiusPacket request, RadiusSecret secret) => request.Code == RadiusCode.StatusServer
        ? secret.VerifyMessageAuthenticator(request)
        : secret.VerifyRequest(request) && (request.MessageAuthenticatorAt < 0 || secret.VerifyMessageAuthenticator(request));

    // A Message-Authenticator goes to who sent one: RFC 2869 has none in accounting, and old NASes may mind.
    private static int Write(RadiusPacket request, RadiusSecret secret, Span<byte> answer)
    {
        var writer = new RadiusWriter(answer, RadiusCode.AccountingResponse, request.Identifier);
        if (request.MessageAuthenticatorAt >= 0)
        {
            writer.AddMessageAuthenticator();
        }

        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == RadiusType.ProxyState)
            {
                writer.AddEncoded(attribute.Octets);
            }
        }

        return writer.TryFinishAnswer(secret, request.Authenticator, out var length) ? length : throw new InvalidOperationException("an Accounting-Response does not go into a packet");
    }

    private static Line? FindLine(LineSnapshot snapshot, RadiusPacket request)
    {
        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == RadiusType.Class && LineClass.Read(attribute.Value) is { } id && snapshot.ById(id) is { } line)
            {
                return line;
            }
        }

        Span<char> chars = stackalloc char[253];
        return request.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> octets) && Encoding.UTF8.TryGetChars(octets, chars, out var written) && snapshot.ByUserName(chars[..written]) is { } named
            ? named
            : snapshot.ByCircuit(TextOf(request, 1), TextOf(request, 2));
    }

    private static string? TextOf(RadiusPacket request, byte type) => request.TryFindVendor(3561, type, out var value) ? Encoding.UTF8.GetString(value) : null;

    // What simultaneous use is counted by, at once; the store follows.
    private void Note(Nas nas, Line? line, RadiusPacket request)
    {
        var now = time.NowMicros();
        if (!AccountingReport.TryReadEvent(request, now, out var status, out var session, out var at))
        {
            return;
        }

        switch (status)
        {
            case AccountingStatus.Start or AccountingStatus.Interim when line is not null:
                sessions.Seen(line.LineId, nas.NasId, session, AccountingReport.StationOf(request), at, (long)(line.Plan.InterimInterval ?? options.Authenticate.InterimInterval).TotalMicroseconds);
                break;
            case AccountingStatus.Stop when line is not null:
                sessions.Ended(line.LineId, nas.NasId, session, at);
                break;
            case AccountingStatus.On or AccountingStatus.Off:
                sessions.NasRestarted(nas.NasId, at);
                break;
        }
    }

    private void TellFailure(Exception failure)
    {
        metrics.Dropped("accounting-failed");
        if (_failedAt == 0 || time.GetElapsedTime(_failedAt) > FailureEvery)
        {
            _failedAt = time.GetTimestamp();
            LogNotWritten(log, failure);
        }
    }

    [LoggerMessage(5131, LogLevel.Error, "an Accounting-Request could not be written down and is not answered; the access server sends it again")]
    private static partial void LogNotWritten(ILogger log, Exception exception);

    [LoggerMessage(5132, LogLevel.Error, "proxying an Accounting-Request failed; it is not answered")]
    private static partial void LogNotProxied(ILogger log, Exception exception);

    /// <summary>What is left to do of a request when its record is on the disk.</summary>
    private sealed class Work(in RadiusAsker asker, RadiusPacket request, ReadOnlySpan<byte> answer)
    {
        private const int AuthenticatorOctets = 16;

        private readonly byte[] _octets = [.. request.Authenticator, .. answer];

        public IAnswerWay Way { get; } = asker.Way;

        public RadiusSource Source { get; } = asker.Source;

        public byte Identifier { get; } = request.Identifier;

        public ReadOnlySpan<byte> Authenticator => _octets.AsSpan(0, AuthenticatorOctets);

        public ReadOnlySpan<byte> Answer => _octets.AsSpan(AuthenticatorOctets);
    }
}
