using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Tests.Mail.Pending;

/// <summary>
/// Mail that waits before it leaves, in a life on the crash disk: messages of three recipients each, of whom one is sent at once, one is taken back, and one leaves when its time has come, which is the last boot. What
/// is decided lies apart, as in the store, and outlives every crash; what the spool knows of it does not have to, and is carried there again and again, as the keeper does it.
/// </summary>
internal sealed class PendingLife(int seed, ConcurrentQueue<string> acknowledged)
{
    private const int MessagesPerBoot = 4;
    private static readonly string[] Recipients = ["now@one.example", "never@one.example", "later@one.example"];
    private static readonly PendingDecision Sent = new(0, true, new SmtpReply(250, new EnhancedStatus(2, 0, 0), "Sent at once"));
    private static readonly PendingDecision TakenBack = new(1, false, new SmtpReply(554, new EnhancedStatus(5, 7, 1), "Taken back"));
    private static readonly PendingDecision Over = new(2, true, new SmtpReply(250, new EnhancedStatus(2, 0, 0), "Its time is over"));
    private readonly ConcurrentDictionary<string, byte> _all = new();
    private readonly HashSet<SpoolId> _known = [];

    public async Task RunAsync(MailSpool spool, DeliveryScheduler scheduler, bool last, CancellationToken over)
    {
        for (var i = 0; i < MessagesPerBoot && !last; i++)
        {
            await PutAsync(spool, scheduler, big: i % 2 == 1);
            await CarryAsync(scheduler, last);
        }

        while (!over.IsCancellationRequested)
        {
            await CarryAsync(scheduler, last);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Null when who was taken back got nothing, and everybody else of the messages that were acknowledged did.</summary>
    public string? WhyBroken(IReadOnlySet<string> receptions)
    {
        foreach (var id in _all.Keys)
        {
            if (receptions.Contains($"{id} {Recipients[1]}"))
            {
                return $"{id} was taken back for {Recipients[1]}, who received it";
            }

            if (acknowledged.Contains(id) && !(receptions.Contains($"{id} {Recipients[0]}") && receptions.Contains($"{id} {Recipients[2]}")))
            {
                return $"{id} waited, and not everybody it was to go to received it";
            }
        }

        return null;
    }

    private async Task PutAsync(MailSpool spool, DeliveryScheduler scheduler, bool big)
    {
        var id = SpoolId.New(TimeProvider.System);
        _all[id.ToString()] = 0;
        var content = Encoding.ASCII.GetBytes($"Received: from here by gateway.test with ESMTP id {id}; now\r\nSubject: {seed}\r\n\r\n{new string('x', big ? 2_000 : 40)}\r\n");
        var facts = new AcceptFacts
        {
            AcceptedMicros = TimeProvider.System.NowMicros(), Flags = MessageFlags.None, TenantPath = "t_root/t_one/", Subscription = "s_one", ReversePath = "a@one.example", Recipients = Recipients,
            SizeBytes = content.Length, PendingUntilMicros = TimeProvider.System.NowMicros() + (3_600L * 1_000_000), Doubts = ["", "won.example", ""],
        };
        try
        {
            using var body = spool.BeginBody();
            body.Write(content);
            await spool.AcceptAsync(id, facts, new FactsWriter(), body);
        }
        catch (IOException)
        {
            // Not acknowledged; it may be in the spool all the same, and is found there.
            return;
        }

        acknowledged.Enqueue(id.ToString());
        scheduler.Enqueue(id, facts, Envelope.From(facts)!);
    }

    private async Task CarryAsync(DeliveryScheduler scheduler, bool last)
    {
        foreach (var id in scheduler.Pending.Take(100))
        {
            _known.Add(id);
            scheduler.Pending.Done(id);
        }

        foreach (var id in _known.Where(scheduler.IsPending).ToList())
        {
            try
            {
                await scheduler.CarryAsync(id, last ? [Sent, TakenBack, Over] : [Sent, TakenBack]);
            }
            catch (IOException)
            {
                // The disk is gone: it is carried in the next life.
            }
        }
    }
}
