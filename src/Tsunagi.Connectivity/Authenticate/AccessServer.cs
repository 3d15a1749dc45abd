using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Connectivity.Standby;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>
/// The way of an Access-Request, on the thread of its socket and on memory alone; no step waits for storage: (1) the datagram comes, and its source must be a NAS; (2) it must be a whole
/// packet of a kind that is asked here; (3) its Message-Authenticator must be right, and there where the NAS's rule says so; (4) the same request again gets the same octets, and one for another's realm goes to that realm's home servers (<see cref="RadiusProxy"/>); (5) the line
/// is found by user name, else by circuit; (6) who guesses too often is not looked at; (7) the password is proved: PAP, CHAP, MS-CHAP or MS-CHAPv2; (8) the line may be used: not suspended
/// (else its walled garden, where the NAS has one), not in more sessions than bought, and its addresses can be had; (9) the answer is written, Message-Authenticator first, kept and sent.
/// A fault of our own in any step is no answer: the NAS asks another server, and nobody is rejected for what is our failure.
/// </summary>
internal sealed partial class AccessServer(
    ConnectivityOptions options, NasHealth nases, OpenSessions sessions, RejectBook rejects, ConnectivityMetrics metrics, TimeProvider time, ILogger<AccessServer> log, IAddressPools? pools = null,
    RadiusProxy? proxy = null)
    : IHostedService, IDisposable
{
    private const int MostNameChars = 253;

    private readonly AuthenticateOptions _options = options.Authenticate;
    private readonly DuplicateCache _duplicates = new(time, options.Authenticate.AnswersKept, options.Authenticate.MostAnswersKept, options.Proxy.LongestWay);
    private readonly GuessLimit _guesses = new(time, options.Authenticate.GuessesPerMinute);
    private readonly List<RadiusListener> _listeners = [];
    private readonly BlockingCollection<Waiting> _crypt = new(options.Authenticate.MostWaitingForCrypt);
    private Thread? _cryptThread;

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(static listener => listener.EndPoint)];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var text in _options.Listen)
        {
            if (!IPEndPoint.TryParse(text, out _))
            {
                throw new InvalidOperationException($"connectivity.authenticate.listen: \"{text}\" is no address and port");
            }

            _listeners.Add(RadiusListener.Bind("RADIUS authentication", text, _options.Threads, _options.ReceiveBufferBytes, time, log));
        }

        if (_listeners.Count > 0)
        {
            _cryptThread = new Thread(CheckCrypts) { IsBackground = true, Name = "RADIUS crypt" };
            _cryptThread.Start();
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
        _crypt.CompleteAdding();
        _cryptThread?.Join(TimeSpan.FromSeconds(5));
        _cryptThread = null;
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
        if (!RadiusPacket.TryParse(datagram, null, out var request, out _) || request.Code is not (RadiusCode.AccessRequest or RadiusCode.StatusServer))
        {
            metrics.Dropped("malformed");
            return false;
        }

        // (3)
        asker.State.CountRequest();
        if (!IsSigned(request, asker))
        {
            return false;
        }

        // (4)
        switch (_duplicates.Begin(asker.Source, request.Identifier, request.Authenticator, answer, out var length))
        {
            case DuplicateState.Answered:
                metrics.Duplicate();
                asker.Way.Send(answer[..length]);
                return true;
            case DuplicateState.InWork:
                metrics.Duplicate();
                proxy?.Again(asker.Source, request);
                return true;
        }

        if (proxy?.RealmOf(request, snapshot) is { } realm)
        {
            _ = ProxyAsync(asker, realm, snapshot, request.Octets.ToArray());
            return true;
        }

        try
        {
            length = Decide(snapshot, asker.Nas, asker.Secret, request, answer, mayWait: true);
        }
        catch (PoolsClosedException)
        {
            _duplicates.Forget(asker.Source, request.Identifier, request.Authenticator);
            metrics.Dropped("pools-closed");
            return true;
        }
        catch
        {
            // No answer for our own fault, and the next try is a new one.
            _duplicates.Forget(asker.Source, request.Identifier, request.Authenticator);
            throw;
        }

        if (length >= 0)
        {
            Answer(asker, request.Octets, answer[..length]);
        }
        else if (!_crypt.TryAdd(new Waiting(datagram.ToArray(), asker)))
        {
            // A password in a form that is slow to check: on a thread of its own, so that the others go on.
            _duplicates.Forget(asker.Source, request.Identifier, request.Authenticator);
            metrics.Dropped("crypt-full");
        }

        return true;
    }

    // (9)
    private void Answer(in RadiusAsker asker, ReadOnlySpan<byte> request, ReadOnlySpan<byte> answer)
    {
        var authenticator = request.Slice(4, RadiusPacket.AuthenticatorOctets);
        if (answer.IsEmpty)
        {
            _duplicates.Forget(asker.Source, request[1], authenticator);
            return;
        }

        _duplicates.Keep(asker.Source, request[1], authenticator, answer);
        asker.Way.Send(answer);
    }

    // No answer of a home server, or a fault of our own, is no answer of ours.
    private async Task ProxyAsync(RadiusAsker asker, ProxiedRealm realm, LineSnapshot snapshot, byte[] request)
    {
        byte[]? answer = null;
        try
        {
            answer = await proxy!.AccessAsync(asker, realm, snapshot, request);
        }
        catch (Exception broken)
        {
            LogProxyFailed(log, broken, realm.Name);
        }

        Answer(asker, request, answer);
    }

    // RFC 2869 section 5.14; RFC 3579 section 3.2: with EAP it is always needed; RFC 5997 section 3: with Status-Server too.
    private bool IsSigned(RadiusPacket request, in RadiusAsker asker)
    {
        var (nas, state) = (asker.Nas, asker.State);
        if (request.MessageAuthenticatorAt >= 0)
        {
            if (asker.Secret.VerifyMessageAuthenticator(request))
            {
                // What it does inside TLS says nothing of what it does outside.
                state.Signs |= !asker.IsSecured;
                return true;
            }

            state.CountBadSignature();
            metrics.Dropped("bad-signature");
            return false;
        }

        var isNeeded = request.Code == RadiusCode.StatusServer || request.TryFind(RadiusType.EapMessage, out ReadOnlySpan<byte> _);
        if (!asker.IsSecured)
        {
            state.CountUnsigned();
            isNeeded |= nas.MessageAuthenticator == MessageAuthenticatorRule.Yes || (nas.MessageAuthenticator == MessageAuthenticatorRule.Auto && state.Signs);
        }

        if (isNeeded)
        {
            metrics.Dropped("unsigned");
        }

        return !isNeeded;
    }

    // (5) to (8). -1 when the work must wait for the crypt thread.
    private int Decide(LineSnapshot snapshot, Nas nas, RadiusSecret secret, RadiusPacket request, Span<byte> answer, bool mayWait)
    {
        if (request.Code == RadiusCode.StatusServer)
        {
            // RFC 5997 section 4.2
            var status = new RadiusWriter(answer, RadiusCode.AccessAccept, request.Identifier);
            status.AddMessageAuthenticator();
            CopyProxyState(ref status, request);
            return status.TryFinishAnswer(secret, request.Authenticator, out var statusLength) ? statusLength : 0;
        }

        // (5)
        var line = FindLine(snapshot, request, out var name, out var station);
        if (line is null)
        {
            return Reject(nas, secret, request, answer, null, name, RejectReason.UnknownUser);
        }

        // (6)
        if (!_guesses.MayTry(line.LineId, station))
        {
            return Reject(nas, secret, request, answer, line, name, RejectReason.Throttled);
        }

        // (7)
        if (mayWait && line.Password.Form == LinePasswordForm.Crypt && request.TryFind(RadiusType.UserPassword, out ReadOnlySpan<byte> _))
        {
            return -1;
        }

        Span<byte> attributes = stackalloc byte[256];
        var reason = LineProof.Prove(line, request, secret, attributes, out var attributesLength);
        if (reason != RejectReason.None)
        {
            if (reason == RejectReason.WrongPassword)
            {
                _guesses.Failed(line.LineId, station);
            }

            return Reject(nas, secret, request, answer, line, name, reason);
        }

        // (8)
        var isWalled = line.SuspendedFor is not null;
        if (isWalled && nas.WalledGarden is null)
        {
            return Reject(nas, secret, request, answer, line, name, RejectReason.Suspended);
        }

        if (line.Plan.SimultaneousUse > 0 && nas.Accounts && sessions.CountOther(line.LineId, nas.NasId, station) >= line.Plan.SimultaneousUse)
        {
            return Reject(nas, secret, request, answer, line, name, RejectReason.TooManySessions);
        }

        // (9)
        var writer = new RadiusWriter(answer, RadiusCode.AccessAccept, request.Identifier);
        writer.AddMessageAuthenticator();
        writer.AddEncoded(attributes[..attributesLength]);
        writer.AddEncoded(ReplyTable.For(line, nas, _options.InterimInterval, isWalled));
        if (request.TryFind(RadiusType.FramedProtocol, out uint protocol))
        {
            writer.Add(RadiusType.FramedProtocol, protocol);
        }

        if (!isWalled && !AddFromPools(ref writer, line))
        {
            return Reject(nas, secret, request, answer, line, name, RejectReason.PoolUsedUp);
        }

        CopyProxyState(ref writer, request);
        metrics.Accepted(isWalled);
        return writer.TryFinishAnswer(secret, request.Authenticator, out var length) ? length : throw new InvalidOperationException($"the answer for line {line.LineId} does not go into a packet");
    }

    private static Line? FindLine(LineSnapshot snapshot, RadiusPacket request, out string name, out string station)
    {
        Span<char> chars = stackalloc char[MostNameChars];
        scoped ReadOnlySpan<char> user = default;
        if (request.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> octets) && Encoding.UTF8.TryGetChars(octets, chars, out var written))
        {
            user = chars[..written];
        }

        station = request.TryFind(RadiusType.CallingStationId, out ReadOnlySpan<byte> calling) || request.TryFind(RadiusType.NasPortId, out calling) ? Encoding.Latin1.GetString(calling) : "";
        if (snapshot.ByUserName(user) is { } line)
        {
            name = line.UserName;
            return line;
        }

        name = user.ToString();
        return snapshot.ByCircuit(LineProof.CircuitOf(request), LineProof.RemoteOf(request));
    }

    // Ours where the allocator knows the pool; any other name is told to the NAS. False when one of ours is used up.
    private bool AddFromPools(ref RadiusWriter writer, Line line)
    {
        var addresses = line.Addresses;
        if (addresses is { V4: null, V4Pool: { } v4 })
        {
            if (!Allocate(v4, line, out var granted, out var isKnown))
            {
                if (isKnown)
                {
                    return false;
                }

                writer.Add(RadiusType.FramedPool, v4);
            }
            else
            {
                writer.Add(RadiusType.FramedIpAddress, granted.BaseAddress);
            }
        }

        return AddPrefix(ref writer, line, addresses.LinkPrefix is null ? addresses.V6Pool : null, RadiusType.FramedIpv6Prefix, RadiusType.FramedIpv6Pool)
            && AddPrefix(ref writer, line, addresses.DelegatedPrefix is null ? addresses.DelegatedPool : null, RadiusType.DelegatedIpv6Prefix, RadiusType.DelegatedIpv6PrefixPool);
    }

    private bool AddPrefix(ref RadiusWriter writer, Line line, string? pool, byte type, byte poolType)
    {
        if (pool is null)
        {
            return true;
        }

        if (Allocate(pool, line, out var granted, out var isKnown))
        {
            writer.Add(type, granted);
            return true;
        }

        if (!isKnown)
        {
            writer.Add(poolType, pool);
        }

        return !isKnown;
    }

    private bool Allocate(string pool, Line line, out IPNetwork granted, out bool isKnown)
    {
        if (pools is not null)
        {
            return pools.TryAllocate(pool, line, out granted, out isKnown);
        }

        (granted, isKnown) = (default, false);
        return false;
    }

    private int Reject(Nas nas, RadiusSecret secret, RadiusPacket request, Span<byte> answer, Line? line, string name, RejectReason reason)
    {
        rejects.Note(nas, line, name, reason);
        metrics.Rejected(reason);
        var writer = new RadiusWriter(answer, RadiusCode.AccessReject, request.Identifier);
        writer.AddMessageAuthenticator();
        if (request.TryFindVendor(MsChap.Vendor, MsChap.ChallengeType, out var challenge))
        {
            // RFC 2548 section 2.1.5: the identifier of the response, then the text.
            var isSecond = request.TryFindVendor(MsChap.Vendor, MsChap.Response2Type, out var response);
            var identifier = isSecond || request.TryFindVendor(MsChap.Vendor, MsChap.ResponseType, out response) ? response.IsEmpty ? (byte)0 : response[0] : (byte)0;
            var text = MsChap.Error(reason == RejectReason.Suspended ? 647 : 691, false, challenge[..Math.Min(16, challenge.Length)], isSecond ? 2 : 1);
            writer.AddVendor(MsChap.Vendor, MsChap.ErrorType, [identifier, .. Encoding.ASCII.GetBytes(text)]);
        }

        if (reason is RejectReason.Suspended or RejectReason.TooManySessions)
        {
            writer.Add(RadiusType.ReplyMessage, reason == RejectReason.Suspended ? "The line is suspended." : "The line is in use already.");
        }

        CopyProxyState(ref writer, request);
        return writer.TryFinishAnswer(secret, request.Authenticator, out var length) ? length : 0;
    }

    // RFC 2865 section 5.33: all of them, unchanged and in their order.
    private static void CopyProxyState(ref RadiusWriter writer, RadiusPacket request)
    {
        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == RadiusType.ProxyState)
            {
                writer.AddEncoded(attribute.Octets);
            }
        }
    }

    private void CheckCrypts()
    {
        var answer = new byte[4_096];
        foreach (var waiting in _crypt.GetConsumingEnumerable())
        {
            try
            {
                if (RadiusPacket.TryParse(waiting.Request, null, out var request, out _))
                {
                    Answer(waiting.Asker, request.Octets, answer.AsSpan(0, Decide(nases.Snapshot, waiting.Asker.Nas, waiting.Asker.Secret, request, answer, mayWait: false)));
                }
            }
            catch (PoolsClosedException)
            {
                _duplicates.Forget(waiting.Asker.Source, waiting.Request[1], waiting.Request.AsSpan(4, RadiusPacket.AuthenticatorOctets));
                metrics.Dropped("pools-closed");
            }
            catch (Exception broken)
            {
                _duplicates.Forget(waiting.Asker.Source, waiting.Request[1], waiting.Request.AsSpan(4, RadiusPacket.AuthenticatorOctets));
                LogCryptFailed(log, broken);
            }
        }
    }

    [LoggerMessage(5111, LogLevel.Error, "checking a password that is kept as crypt failed; the request is not answered")]
    private static partial void LogCryptFailed(ILogger log, Exception exception);

    [LoggerMessage(5112, LogLevel.Error, "proxying a request of the realm {Realm} failed; it is not answered")]
    private static partial void LogProxyFailed(ILogger log, Exception exception, string realm);

    /// <summary>A request that waits for the thread that checks slow passwords.</summary>
    private sealed record Waiting(byte[] Request, RadiusAsker Asker);
}
