using System.Collections.Concurrent;
using System.Text;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Try;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's mail: a sender with its own connections, and one receiver for each customer's mail server. Every mail carries a number of its own, so that
/// what was acknowledged can be held against what arrived.
/// </summary>
internal sealed class DemoTraffic(int smtpPort, IReadOnlyList<DemoCustomer> customers, double mailsPerSecond, TimeProvider time) : IAsyncDisposable
{
    private const int RetryEvery = 5;
    private readonly ConcurrentDictionary<string, byte> _acknowledged = new();
    private readonly ConcurrentDictionary<string, int> _arrived = new();
    private readonly SampleMail _mails = new(20_071_109, time);
    private long _refused;
    private readonly Queue<(string From, string To, byte[] Message)> _later = new();
    private long _tempfailed;
    private readonly HashSet<string> _stopped = [];
    private bool _paused;
    private bool _sending;
    private int _sent;

    /// <summary>Mails that got their 250.</summary>
    public int Acknowledged => _acknowledged.Count;

    public int Arrived => _arrived.Count;

    /// <summary>Mails that arrived more than once: SMTP's own ambiguity, at a kill between the next hop's 250 and our note of it.</summary>
    public int Duplicates => _arrived.Values.Sum(static count => count - 1);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Times the program was not there or asked to come back; the sender kept the mail and tried again.</summary>
    public long TriedAgain => Interlocked.Read(ref _tempfailed);

    /// <summary>Mails that were acknowledged and have not arrived.</summary>
    public int Outstanding => _acknowledged.Keys.Count(id => !_arrived.ContainsKey(id));

    /// <summary>No new mail while the result lives, so that counts can come to rest.</summary>
    public IDisposable Pause()
    {
        Volatile.Write(ref _paused, true);
        return new Resume(this);
    }

    /// <summary>A mail is under way to the program, or waits to be sent again.</summary>
    public bool Sending => Volatile.Read(ref _sending);

    /// <summary>The customer of a key of the file, the first without one; null when there is none of that key.</summary>
    public DemoCustomer? CustomerOf(string? key) => key is null ? customers[0] : customers.FirstOrDefault(customer => customer.Key == key);

    /// <summary>The customer's mail server goes away: connections are cut, new ones are refused.</summary>
    public async Task StopAsync(DemoCustomer customer)
    {
        _stopped.Add(customer.Key);
        await customer.Receiver.StopAsync();
    }

    /// <summary>It is back, if it was away.</summary>
    public void Start(DemoCustomer customer)
    {
        if (_stopped.Remove(customer.Key))
        {
            customer.Receiver.Start(customer.Port);
        }
    }

    public void StartReceivers()
    {
        foreach (var customer in customers)
        {
            customer.Receiver.Taken = message =>
            {
                // What the program writes itself, and the mail that is there to be looked at, is not counted.
                var id = IdOf(message.Content.Span);
                if (!id.StartsWith(DemoShow.Mark, StringComparison.Ordinal) && !id.EndsWith("@mx.demo.example", StringComparison.Ordinal))
                {
                    _arrived.AddOrUpdate(id, 1, static (_, count) => count + 1);
                }

                return ValueTask.CompletedTask;
            };
            customer.Receiver.Start(customer.Port);
        }
    }

    /// <summary>Sends until cancelled: a mail that is not acknowledged is sent again, as a mail server would.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        var recipients = customers.SelectMany(static customer => customer.Recipients).ToList();
        var pause = TimeSpan.FromSeconds(1 / mailsPerSecond);
        SmtpSender? sender = null;
        (string From, string To, byte[] Message)? waiting = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (waiting is null && Volatile.Read(ref _paused))
                {
                    Volatile.Write(ref _sending, false);
                    await Task.Delay(pause, time, cancellationToken);
                    continue;
                }

                Volatile.Write(ref _sending, true);

                // A mail that was asked to come back does not hold up the others.
                waiting ??= _later.Count > 0 && _sent++ % RetryEvery == 0 ? _later.Dequeue() : _mails.Next(recipients);
                var (from, to, message) = waiting.Value;
                try
                {
                    sender ??= await SmtpSender.ConnectAsync("127.0.0.1", smtpPort, "sender.demo.example", NextHopTls.Opportunistic, time, cancellationToken);
                    var result = await sender.SendAsync(from, [to], message);
                    if (result.IsAccepted)
                    {
                        _acknowledged.TryAdd(IdOf(message), 0);
                        waiting = null;
                    }
                    else if (result is { ConnectionLost: false, Replies: [{ Code: >= 500 }, ..] })
                    {
                        Interlocked.Increment(ref _refused);
                        waiting = null;
                    }
                    else if (result.ConnectionLost)
                    {
                        Interlocked.Increment(ref _tempfailed);
                        sender = await CloseAsync(sender);
                    }
                    else
                    {
                        Interlocked.Increment(ref _tempfailed);
                        _later.Enqueue(waiting.Value);
                        waiting = null;
                    }
                }
                catch (IOException)
                {
                    Interlocked.Increment(ref _tempfailed);
                    sender = await CloseAsync(sender);
                }

                await Task.Delay(pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The demo ends.
        }
        finally
        {
            await CloseAsync(sender);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var customer in customers)
        {
            await customer.Receiver.DisposeAsync();
        }
    }

    private static async Task<SmtpSender?> CloseAsync(SmtpSender? sender)
    {
        if (sender is not null)
        {
            try
            {
                await sender.DisposeAsync();
            }
            catch (IOException)
            {
                // It was gone already.
            }
        }

        return null;
    }

    private sealed class Resume(DemoTraffic traffic) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref traffic._paused, false);
    }

    private static string IdOf(ReadOnlySpan<byte> message)
    {
        var at = message.IndexOf("\r\nMessage-ID: <"u8);
        if (at < 0)
        {
            return "";
        }

        var rest = message[(at + 15)..];
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)'>'))]);
    }
}
