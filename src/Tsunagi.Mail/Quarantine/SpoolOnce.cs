using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Puts a message of our own into the spool under an id that was written down before, so that it goes in once however often it is tried. Whether an earlier try went
/// in is asked of the spool while it holds the message, and afterwards of the trace, which knows everything that ever was in the spool once it has read to its end.
/// </summary>
internal sealed class SpoolOnce(MailSpool spool, DeliveryScheduler scheduler, TraceProjector trace, Stores stores)
{
    /// <summary>Null while that cannot be known: the spool is being opened again, or the trace has not read to its end yet.</summary>
    public async ValueTask<bool?> IsAcceptedAsync(SpoolId id, CancellationToken cancellationToken)
    {
        try
        {
            if (spool.FactsOf(id) is not null)
            {
                return true;
            }
        }
        catch (LogPoisonedException)
        {
            return null;
        }

        // In this order: what left the spool before it was asked stands before this end.
        if (spool.End is not { } end || trace.Position < end)
        {
            return null;
        }

        return await stores.Projections.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM mail_message WHERE id = @Id", new { Id = id.ToString() }), cancellationToken) is not null;
    }

    /// <summary>Makes it durable and hands it to the scheduler.</summary>
    /// <param name="fill">Writes the content.</param>
    /// <exception cref="IOException">Whether it went in is not known: ask <see cref="IsAcceptedAsync"/> before it is tried again.</exception>
    public async ValueTask AcceptAsync(SpoolId id, AcceptFacts facts, Action<SpoolBody> fill)
    {
        using var body = spool.BeginBody();
        fill(body);
        await spool.AcceptAsync(id, facts, new FactsWriter(), body);
        if (Envelope.From(facts) is { } envelope)
        {
            scheduler.Enqueue(id, facts, envelope);
        }
    }
}
