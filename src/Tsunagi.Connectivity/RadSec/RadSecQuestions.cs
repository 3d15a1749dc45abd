using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>
/// Disconnect and CoA requests that go to an access server by the connection it opened (draft-ietf-radext-reverse-coa): the only way to one behind NAT. Each has an identifier of its own
/// until it is answered or given up; on a stream nothing is sent twice. Thread-safe.
/// </summary>
internal sealed class RadSecQuestions(IAnswerWay way, TimeProvider time)
{
    private const int Identifiers = 256;

    private readonly Lock _lock = new();
    private readonly Asked?[] _asked = new Asked?[Identifiers];
    private byte _next;
    private bool _isClosed;

    /// <summary>Writes a request with the identifier it is given, sends it and waits for its answer.</summary>
    /// <param name="write">Null when the request can not be written.</param>
    public async Task<RadiusExchange> AskAsync(Func<byte, byte[]> write, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (Reserve(write) is not { } asked)
        {
            return new RadiusExchange(null, 0, "the connection is closed, or has no identifier free");
        }

        try
        {
            way.Send(asked.Request);
            var answer = await asked.Answer.Task.WaitAsync(wait, time, cancellationToken);
            return new RadiusExchange(answer, 1, answer is null ? "the connection was closed" : null);
        }
        catch (TimeoutException)
        {
            return new RadiusExchange(null, 1, "no answer");
        }
        finally
        {
            lock (_lock)
            {
                _asked[asked.Request[1]] = null;
            }
        }
    }

    /// <summary>An answer came. False when it is not authentic; one that nobody waits for any more is let go.</summary>
    public bool Answered(ReadOnlySpan<byte> packet)
    {
        if (!RadiusPacket.TryParse(packet, null, out var answer, out _))
        {
            return false;
        }

        Asked? asked;
        lock (_lock)
        {
            asked = _asked[answer.Identifier];
        }

        if (asked is null)
        {
            return true;
        }

        var authenticator = asked.Request.AsSpan(4, RadiusPacket.AuthenticatorOctets);
        if (!RadSecConnection.Secret.VerifyAnswer(answer, authenticator) || (answer.MessageAuthenticatorAt >= 0 && !RadSecConnection.Secret.VerifyMessageAuthenticator(answer, authenticator)))
        {
            return false;
        }

        asked.Answer.TrySetResult(packet.ToArray());
        return true;
    }

    /// <summary>Nothing is answered any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var asked in _asked)
            {
                asked?.Answer.TrySetResult(null);
            }
        }
    }

    private Asked? Reserve(Func<byte, byte[]> write)
    {
        lock (_lock)
        {
            for (var tried = 0; tried < Identifiers && !_isClosed; tried++)
            {
                var identifier = _next++;
                if (_asked[identifier] is null)
                {
                    return _asked[identifier] = new Asked(write(identifier));
                }
            }

            return null;
        }
    }

    private sealed class Asked(byte[] request)
    {
        public byte[] Request => request;

        public TaskCompletionSource<byte[]?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
