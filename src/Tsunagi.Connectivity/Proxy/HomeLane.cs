using System.Net;
using System.Security.Cryptography;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>Writes a request under an identifier; 0 when it can not be written.</summary>
internal delegate int WriteRequest(byte identifier, Span<byte> buffer);

/// <summary>
/// One port of a home server: sockets of our own to it, each with 256 identifiers, a further one when all are in use (RFC 2865 section 2.5). An answer is whose identifier, authenticator, kind and, in
/// authentication, Message-Authenticator are right; all else is counted and waited over. Nothing is sent again from here: the access server does that, and <see cref="HomeSocket.Asked.Again"/> passes it on.
/// </summary>
internal sealed class HomeLane(HomeServer server, HomeServerOption option, IPEndPoint at, bool isAccounting, ProxyOptions options, ConnectivityMetrics metrics, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<HomeSocket> _sockets = [];
    private readonly HomeHealth _health = new(options, option.StatusServer, time);
    private bool _isDisposed;
    private int _isAsking;
    private long _sent;
    private long _answered;
    private long _unanswered;
    private long _forged;
    private long _heardAt;

    /// <summary>Called when it is dead, and when it is back; on any thread.</summary>
    public Action<HomeChange>? Changed { get; set; }

    public HomeServer Server => server;

    public IPEndPoint EndPoint => at;

    public bool IsAccounting => isAccounting;

    public HomeState State => _health.State;

    public long Sent => Interlocked.Read(ref _sent);

    public long Answered => Interlocked.Read(ref _answered);

    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <summary>Datagrams of its address that are no answer: forged, signed with another secret, or without Message-Authenticator.</summary>
    public long Forged => Interlocked.Read(ref _forged);

    /// <summary>µs since 1970 of its last answer; 0 for none since the start.</summary>
    public long HeardAt => Interlocked.Read(ref _heardAt);

    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _sockets.Sum(static socket => socket.InFlight);
            }
        }
    }

    /// <summary>Sends a request once and waits for its answer.</summary>
    /// <param name="isSent">What is on its way, for who wants to send it again.</param>
    /// <returns>The request and its answer, both whole packets; null when none came in time, or it could not be sent.</returns>
    public Task<(byte[] Request, byte[] Answer)?> AskAsync(WriteRequest write, Action<HomeSocket.Asked>? isSent, CancellationToken cancellationToken) => AskAsync(write, isSent, false, cancellationToken);

    /// <summary>Asks whether it is there when that is due; returns at once.</summary>
    public void Look(CancellationToken cancellationToken)
    {
        if (_health.IsToBeAsked() && Interlocked.Exchange(ref _isAsking, 1) == 0)
        {
            _ = ProbeAsync(cancellationToken);
        }
    }

    /// <summary>An authentic packet, of a kind that answers what was asked.</summary>
    public bool IsAnswer(RadiusPacket answer, ReadOnlySpan<byte> request)
    {
        var isRight = (RadiusCode)request[0] switch
        {
            RadiusCode.AccessRequest => answer.Code is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge,
            RadiusCode.StatusServer when !isAccounting => answer.Code == RadiusCode.AccessAccept,
            _ => answer.Code == RadiusCode.AccountingResponse,
        };
        var asked = request.Slice(4, RadiusPacket.AuthenticatorOctets);

        return isRight && server.Secret.VerifyAnswer(answer, asked) && (answer.MessageAuthenticatorAt < 0 ? MayBeUnsigned(answer, request) : server.Secret.VerifyMessageAuthenticator(answer, asked));
    }

    // Without Message-Authenticator an answer to an Access-Request could be made from another (BlastRADIUS): an operator has to say so of an old server. With EAP no server may leave it out (RFC 3579 section 3.1).
    private bool MayBeUnsigned(RadiusPacket answer, ReadOnlySpan<byte> request) =>
        isAccounting || (!option.MessageAuthenticator && !HasEap(answer) && RadiusPacket.TryParse(request, null, out var asked, out _) && !HasEap(asked));

    private static bool HasEap(RadiusPacket packet) => packet.TryFind(RadiusType.EapMessage, out ReadOnlySpan<byte> _);

    public void CountForged()
    {
        Interlocked.Increment(ref _forged);
        metrics.HomeAnswer(server.Name, isAccounting, "forged");
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        Close();
    }

    private async Task<(byte[] Request, byte[] Answer)?> AskAsync(WriteRequest write, Action<HomeSocket.Asked>? isSent, bool isProbe, CancellationToken cancellationToken)
    {
        if (Reserve(write) is not { } asked)
        {
            metrics.HomeAnswer(server.Name, isAccounting, "not-sent");
            return null;
        }

        var askedAt = time.GetTimestamp();
        try
        {
            Interlocked.Increment(ref _sent);
            isSent?.Invoke(asked);
            asked.Send();
            if (await asked.Answer.WaitAsync(option.Timeout, time, cancellationToken).ConfigureAwait(false) is not { } answer)
            {
                // It died meanwhile, or the program stops.
                Interlocked.Increment(ref _unanswered);
                metrics.HomeAnswer(server.Name, isAccounting, "silent");
                return null;
            }

            Interlocked.Increment(ref _answered);
            Interlocked.Exchange(ref _heardAt, time.NowMicros());
            metrics.HomeAnswer(server.Name, isAccounting, "answered");
            Tell(_health.Heard(isProbe), false);
            return (asked.Request, answer);
        }
        catch (TimeoutException)
        {
            Interlocked.Increment(ref _unanswered);
            metrics.HomeAnswer(server.Name, isAccounting, "silent");
            var isToBeTold = _health.Missed(isProbe, askedAt, out var isDead);
            if (isDead)
            {
                Close();
            }

            Tell(isToBeTold, true);
            Look(cancellationToken);
            return null;
        }
        finally
        {
            asked.Release();
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(WriteStatus, null, true, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }

    // RFC 5997 section 3: signed, and nothing else needed.
    private int WriteStatus(byte identifier, Span<byte> buffer)
    {
        var writer = new RadiusWriter(buffer, RadiusCode.StatusServer, identifier);
        RandomNumberGenerator.Fill(writer.Authenticator);
        writer.AddMessageAuthenticator();
        return writer.TryFinishAccess(server.Secret, out var length) ? length : 0;
    }

    private HomeSocket.Asked? Reserve(WriteRequest write)
    {
        lock (_lock)
        {
            foreach (var socket in _sockets)
            {
                if (socket.TryReserve(write, out var asked))
                {
                    return asked;
                }
            }

            if (_isDisposed || _sockets.Count >= options.MostSockets || HomeSocket.TryOpen(this) is not { } opened)
            {
                return null;
            }

            _sockets.Add(opened);
            return opened.TryReserve(write, out var first) ? first : null;
        }
    }

    // A connected socket keeps the source address it was opened with, which may be why nothing comes back.
    private void Close()
    {
        lock (_lock)
        {
            _sockets.ForEach(static socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    private void Tell(bool isToBeTold, bool isDead)
    {
        if (isToBeTold)
        {
            Changed?.Invoke(new HomeChange(this, isDead, time.NowMicros()));
        }
    }
}
