using System.Collections.Concurrent;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>What a next hop says of a recipient.</summary>
internal enum CallAheadAnswer : byte
{
    Exists,
    Unknown,
    NoAnswer,
}

/// <summary>
/// Asks the next hop whether a recipient exists while the client waits. One question per recipient runs at a time; answers are kept as the contract
/// says; an address that existed is still taken when its next hop is away, for as long as the answer is remembered.
/// </summary>
internal sealed class CallAhead(MailOptions options, NextHopBook book, OutboundTcp outbound, TimeProvider time) : IAsyncDisposable
{
    private readonly CallAheadCache _cache = new(options.Delivery.CallAheadEntries);
    private readonly ConcurrentDictionary<(string Subscription, string Recipient), Task<CallAheadAnswer>> _asking = new();
    private readonly ConcurrentDictionary<NextHop, NextHopConnection> _idle = new();
    private readonly CancellationTokenSource _stopping = new();

    public async ValueTask<CallAheadAnswer> AskAsync(Gateway gateway, ForwardPath recipient, CancellationToken cancellationToken)
    {
        var key = (gateway.Subscription, recipient.Mailbox.ToString());
        var known = _cache.Find(key, out var answer, out var keptUntil);
        if (known && time.GetTimestamp() < keptUntil)
        {
            return answer;
        }

        var fresh = await _asking.GetOrAdd(key, static (key, state) => state.self.AskAndForgetAsync(key, state.gateway, state.recipient), (self: this, gateway, recipient))
            .WaitAsync(cancellationToken);
        return fresh == CallAheadAnswer.NoAnswer && known && answer == CallAheadAnswer.Exists ? CallAheadAnswer.Exists : fresh;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var connection in _idle.Values)
        {
            await connection.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task<CallAheadAnswer> AskAndForgetAsync((string, string) key, Gateway gateway, ForwardPath recipient)
    {
        try
        {
            await Task.Yield();
            var answer = await AskNextHopAsync(gateway, recipient);
            var keepMinutes = answer == CallAheadAnswer.Exists ? gateway.Settings.CallAheadKeepMinutes : gateway.Settings.CallAheadRefusedKeepMinutes;
            if (answer != CallAheadAnswer.NoAnswer)
            {
                _cache.Keep(key, answer, time.GetTimestamp() + (keepMinutes * 60L * time.TimestampFrequency));
            }

            return answer;
        }
        finally
        {
            _asking.TryRemove(key, out _);
        }
    }

    private async Task<CallAheadAnswer> AskNextHopAsync(Gateway gateway, ForwardPath recipient)
    {
        // A kept connection may have been closed by the other side meanwhile: then a new one asks again.
        for (var fresh = false; !fresh;)
        {
            NextHopConnection? connection = null;
            try
            {
                fresh = !_idle.TryRemove(gateway.NextHop, out connection);
                connection ??= await NextHopConnection.OpenAsync(
                    outbound, gateway.NextHop, gateway.Settings.NextHopTls, options.OwnName, ShortDeadlines(), time, _stopping.Token);
                book.Remember(gateway.NextHop, connection.Capabilities);
                var reply = await connection.AskRecipientAsync(recipient);
                if (_idle.TryAdd(gateway.NextHop, connection))
                {
                    connection = null;
                }

                return reply.IsPositive ? CallAheadAnswer.Exists : reply.IsPermanent ? CallAheadAnswer.Unknown : CallAheadAnswer.NoAnswer;
            }
            catch (NextHopException)
            {
                // Said to the client as "try again later".
            }
            finally
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }
            }
        }

        return CallAheadAnswer.NoAnswer;
    }

    private DeliveryOptions ShortDeadlines() =>
        options.Delivery with { ConnectDeadline = options.Delivery.CallAheadDeadline, ReplyDeadline = options.Delivery.CallAheadDeadline };
}
